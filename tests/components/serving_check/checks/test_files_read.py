"""Files that are read while a model is loaded, and what names them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

from components.serving_check.checks.files_read import (
    computed_paths,
    fixed_paths,
    outside_assets,
    told_places,
)

PATH = tf.TensorSpec([], tf.string)


def is_file(node) -> bool:
    return node.op in ("ReadFile", "RestoreV2", "TextLineDataset", "MatchingFiles")


def made(build: Callable[[], object]) -> list[str]:
    """The operations that make a path in the graph which `build` builds."""
    with tf.Graph().as_default() as graph:
        build()
    definition = graph.as_graph_def()
    functions = {each.signature.name: each for each in definition.library.function}
    return [node.op for node in computed_paths(definition.node, functions, is_file)]


def told() -> tf.Tensor:
    """What a server feeds."""
    return tf.compat.v1.placeholder(tf.string, [])


@tf.function(input_signature=[PATH], autograph=False)
def read(path):
    return tf.io.read_file(tf.identity(path))


@tf.function(input_signature=[PATH], autograph=False)
def read_by_another(path):
    return tf.cond(tf.equal(path, "x"), lambda: read(path), lambda: tf.constant(""))


@tf.function(input_signature=[PATH], autograph=False)
def read_beside(path):
    return tf.io.read_file(path + ".more")


@tf.function(input_signature=[PATH, PATH], autograph=False)
def read_the_first(path, text):
    return tf.cond(tf.equal(text, "x"), lambda: read(path), lambda: text)


def read_by_a_dataset(path):
    return tf.data.Dataset.from_tensors(path).map(tf.io.read_file)


def kept(path):
    """What is read by way of a variable."""
    variable = tf.raw_ops.VarHandleOp(dtype=tf.string, shape=[], shared_name="kept")
    assigned = tf.raw_ops.AssignVariableOp(resource=variable, value=path)
    with tf.control_dependencies([assigned]):
        return tf.raw_ops.ReadVariableOp(resource=variable, dtype=tf.string)


def never_told():
    handle = tf.raw_ops.VarHandleOp(dtype=tf.string, shape=[], shared_name="restored")
    return tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.string)


@pytest.mark.parametrize(
    "build",
    [
        lambda: tf.io.read_file(told()),
        lambda: read(kept(told())),
        lambda: tf.io.read_file(tf.constant("labels.txt")),
        lambda: read(told()),
        lambda: read_by_another(told()),
        lambda: tf.data.TextLineDataset(tf.stack([told()])).batch(2),
        lambda: tf.raw_ops.RestoreV2(
            prefix=told(), tensor_names=["a"], shape_and_slices=[""], dtypes=[tf.float32]
        ),
        lambda: tf.strings.join(["a", "b"]),
        lambda: read_the_first(told(), tf.strings.join(["a", "b"])),
        lambda: read_by_a_dataset(told()),
        lambda: tf.data.Dataset.from_tensors(tf.strings.join(["a", "b"])).map(tf.strings.lower),
        lambda: tf.raw_ops.RestoreV2(
            prefix=told(),
            tensor_names=[tf.strings.join(["a", "b"])],
            shape_and_slices=[""],
            dtypes=[tf.float32],
        ),
    ],
)
def test_what_a_server_tells_is_no_path_of_the_models_own(build):
    assert made(build) == []


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: tf.io.read_file(tf.strings.join(["/", "etc/hostname"])), "StringJoin"),
        (lambda: read(tf.strings.substr("x/etc/hostname", 1, 20)), "Substr"),
        (lambda: read_by_another(tf.strings.join(["/", "etc"])), "StringJoin"),
        (lambda: read_beside(told()), "Add"),
        (lambda: read_the_first(tf.strings.join(["/", "etc"]), told()), "StringJoin"),
        (lambda: read_by_a_dataset(tf.strings.join(["/", "etc"])), "StringJoin"),
        (lambda: read(kept(tf.strings.join(["/", "etc"]))), "StringJoin"),
        (lambda: read(never_told()), "VarHandleOp"),
        (lambda: tf.io.matching_files(tf.strings.join([told(), "*"])), "StringJoin"),
        (lambda: tf.data.TextLineDataset(tf.stack([tf.io.decode_base64("Lw")])), "DecodeBase64"),
        (
            lambda: tf.raw_ops.RestoreV2(
                prefix=tf.strings.join(["/", "home"]),
                tensor_names=["a"],
                shape_and_slices=[""],
                dtypes=[tf.float32],
            ),
            "StringJoin",
        ),
    ],
)
def test_a_path_that_is_put_together_is_found_wherever_it_goes(build, said):
    assert made(build) == [said]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("labels.txt", False),
        ("labels/all.txt", False),
        ("a..b", False),
        ("../labels.txt", True),
        ("labels/../../x", True),
        ("/etc/hostname", True),
        ("gs://bucket/labels.txt", True),
    ],
)
def test_an_asset_lies_in_its_folder(path, found):
    asset = meta_graph_pb2.AssetFileDef(filename=path)
    assert [*outside_assets([asset])] == [path] * found


@pytest.mark.parametrize(
    ("build", "found"),
    [
        (lambda: tf.io.read_file(tf.constant("labels.txt")), ["labels.txt"]),
        (lambda: tf.io.read_file(tf.constant("")), []),
        (lambda: tf.strings.join([tf.constant("labels.txt"), told()]), []),
        (lambda: tf.constant(["/home/ada/x", "/home/ada/y"]), []),
        (lambda: tf.constant(b"/home/\xff"), ["/home/\ufffd"]),
        # Where variables are restored from is told by the server.
        (
            lambda: tf.raw_ops.RestoreV2(
                prefix=tf.constant("variables/variables"),
                tensor_names=["a"],
                shape_and_slices=[""],
                dtypes=[tf.float32],
            ),
            [],
        ),
    ],
)
def test_a_constant_is_a_path_where_it_reads_like_one_or_a_file_is_read_by_it(build, found):
    with tf.Graph().as_default() as graph:
        build()
    paths = fixed_paths([graph.as_graph_def().node], set(), is_file)
    assert [path for path, _ in paths] == found


def test_a_constant_path_is_found_unless_it_is_an_assets():
    with tf.Graph().as_default() as graph:
        tf.io.read_file(tf.constant("labels.txt", name="of_asset"))
        tf.io.read_file(tf.constant("others.txt", name="beside"))
        tf.constant("/home/ada/x", name="anywhere")
    nodes = graph.as_graph_def().node
    found = [(path, node.name) for path, node in fixed_paths([nodes], {"of_asset"}, is_file)]
    assert found == [("others.txt", "beside"), ("/home/ada/x", "anywhere")]


def _kept(value: Callable[[tf.Tensor], tf.Tensor], *, asked: bool = True) -> list[str]:
    """Variables that tell of a place, where one keeps `value(place of an asset)`."""
    with tf.Graph().as_default() as graph:
        place = tf.constant("labels.txt", name="asset")
        found = value(place)
        handles = [
            tf.raw_ops.VarHandleOp(dtype=found.dtype, shape=[], shared_name=name, name=name)
            for name in ("kept", "other")
        ]
        tf.raw_ops.AssignVariableOp(resource=handles[0], value=found)
    nodes = graph.as_graph_def().node
    functions = {each.signature.name: each for each in graph.as_graph_def().library.function}
    reached = [node for node in nodes if node.name == ("kept" if asked else "other")]
    return [node.name for node in told_places(nodes, reached, {"asset"}, functions, is_file)]


@pytest.mark.parametrize(
    "value",
    [
        lambda place: place,
        lambda place: tf.strings.regex_full_match(place, "/tmp/.*"),
        lambda place: tf.cond(tf.equal(place, "x"), lambda: 1, lambda: 2),
        lambda place: tf.strings.length(tf.strings.join([place, "x"])),
    ],
)
def test_a_variable_that_tells_of_a_place_is_found_where_answers_are_made_of_it(value) -> None:
    assert _kept(value) == ["kept"]
    assert _kept(value, asked=False) == []


@pytest.mark.parametrize(
    "value",
    [
        lambda place: tf.constant(3),
        tf.io.read_file,
        read,
        lambda place: read_by_a_dataset(place).get_single_element(),
        lambda place: tf.strings.length(read(place)),
    ],
)
def test_what_is_in_a_file_may_be_kept(value) -> None:
    assert _kept(value) == []


def into_a_table(place):
    table = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64, name="kept")
    tf.raw_ops.LookupTableImportV2(
        table_handle=table, keys=tf.reshape(place, [1]), values=tf.ones([1], tf.int64)
    )


def of_a_file(place):
    table = tf.raw_ops.HashTableV2(key_dtype=tf.int64, value_dtype=tf.string, name="kept")
    tf.raw_ops.LookupTableImportV2(
        table_handle=table,
        keys=tf.ones([1], tf.int64),
        values=tf.reshape(tf.io.read_file(place), [1]),
    )


def into_a_function(place):
    @tf.function(autograph=False)
    def keep(resource, path):
        tf.raw_ops.AssignVariableOp(resource=resource, value=tf.strings.length(path))

    keep(tf.raw_ops.VarHandleOp(dtype=tf.int32, shape=[], shared_name="kept", name="kept"), place)


@pytest.mark.parametrize(
    ("build", "found"),
    [(into_a_table, ["kept"]), (into_a_function, ["kept"]), (of_a_file, [])],
)
def test_a_table_or_a_function_may_keep_a_place_too(build, found) -> None:
    with tf.Graph().as_default() as graph:
        build(tf.constant("labels.txt", name="asset"))
    definition = graph.as_graph_def()
    functions = {each.signature.name: each for each in definition.library.function}
    asked = [node for node in definition.node if node.name == "kept"]
    told = told_places(definition.node, asked, {"asset"}, functions, is_file)
    assert [node.name for node in told] == found
