"""What an answer may not depend on, found without running anything."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from components.serving_check.checks import graph
from components.serving_check.options import Options
from components.serving_check.reference import Reference
from components.serving_check.served import Served
from documents.features import Features
from models.description import describe
from tests.components.serving_check.parts import served_of
from tests.fashion_mnist import DECLARATION

INIT = "__saved_model_init_op"


def served(folder: Path, described: Features | None = None) -> Served:
    reference = Reference([], np.zeros((0, 1), np.float32), described=described)
    return served_of(candidate=folder, reference=reference)


def row(folder: Path, body: Callable, module: tf.Module | None = None):
    [check] = graph.judge(looked_at(folder, body, module), Options())
    return check


def looked_at(folder: Path, body: Callable, module: tf.Module | None = None) -> graph.Graph:
    spec = tf.TensorSpec([None, 3], tf.float32, "x")
    call = tf.function(lambda x: {"y": body(x)}, input_signature=[spec], autograph=False)
    tf.saved_model.save(module or tf.Module(), str(folder), signatures=call)
    return graph.measure(served(folder))


def init_node(meta_graph):
    """The node that is run once, when the model is loaded."""
    name = meta_graph.signature_def[INIT].outputs[INIT].name
    [found] = [node for node in meta_graph.graph_def.node if node.name == name]
    return found


def with_variable():
    module = tf.Module()
    module.count = tf.Variable(0.0)
    return module


def counting(module):
    def body(x):
        with tf.control_dependencies([module.count.assign_add(1.0)]):
            return x + module.count

    return body


def in_a_branch(body):
    return lambda x: tf.cond(tf.size(x) > 100, lambda: body(x), lambda: x)


def in_a_loop(body):
    return lambda x: tf.while_loop(lambda i, _: i < 1, lambda i, y: (i + 1, body(y)), [0, x])[1]


def in_a_case(body):
    return lambda x: tf.switch_case(tf.size(x) % 3, [lambda: x, lambda: body(x), lambda: 2 * x])


@pytest.mark.medium
@pytest.mark.parametrize("wrap", [lambda body: body, in_a_branch, in_a_loop, in_a_case])
def test_state_is_found_wherever_it_hides(tmp_path, wrap):
    module = with_variable()
    check = row(tmp_path / "m", wrap(counting(module)), module)
    assert not check.ok
    assert "serving_default changes state (AssignAddVariableOp" in check.found


def unused(effect):
    def body(x):
        effect(x)
        return x * 2

    return body


@pytest.mark.medium
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (lambda x: x + tf.cast(tf.timestamp() > 0, tf.float32), "reads the clock (Timestamp"),
        (unused(lambda x: tf.io.write_file("/nowhere/x", "")), "writes files (WriteFile"),
        (
            lambda x: x + tf.cast(tf.strings.length(tf.io.read_file("/nowhere")), tf.float32),
            "touches files (ReadFile",
        ),
        (lambda x: tf.numpy_function(lambda y: y, [x], tf.float32), "calls Python (PyFunc"),
        (unused(lambda x: tf.print(x, output_stream="file:///nowhere")), "writes files (PrintV2"),
        (unused(tf.print), "writes what it is asked to the server's log (PrintV2"),
        (in_a_branch(lambda x: tf.compat.v1.Print(x, [x])), "the server's log (Print"),
        (in_a_branch(unused(lambda x: tf.raw_ops.Abort())), "ends the server (Abort"),
        (
            tf.nondifferentiable_batch_function(1, 64, 500, autograph=False)(lambda x: x * 2),
            "puts requests together with those of others (BatchFunction",
        ),
        (
            lambda x: tf.raw_ops.InplaceAdd(x=x, i=[0], v=[[1.0, 1.0, 1.0]]),
            "changes state (InplaceAdd",
        ),
        (
            lambda x: (
                x * tf.data.Dataset.from_tensors(1.0).cache("/nowhere/x").get_single_element()
            ),
            "Cache",
        ),
        (
            lambda x: (
                x
                + tf.raw_ops.ImmutableConst(
                    dtype=tf.float32, shape=[3], memory_region_name="/nowhere/x"
                )
            ),
            "reads a file whose path stands in it (ImmutableConst",
        ),
        (
            unused(lambda x: tf.raw_ops.DatasetFromGraph(graph_def=b"")),
            "runs a graph that is packed into a text (DatasetFromGraph",
        ),
        (lambda x: tf.raw_ops.SleepIdentityOp(sleep_seconds=1, input=x), "sleeps (SleepIdentityOp")
        if hasattr(tf.raw_ops, "SleepIdentityOp")
        else (lambda x: x + tf.cast(tf.timestamp() > 0, tf.float32), "reads the clock"),
    ],
)
def test_effects_are_named(tmp_path, body, said):
    check = row(tmp_path / "m", body)
    assert not check.ok
    assert said in check.found


@pytest.mark.medium
def test_a_table_that_is_written_keeps_state(tmp_path):
    module = tf.Module()
    module.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, 0.0)

    def body(x):
        insert = module.table.insert(tf.constant(["a"]), tf.constant([1.0]))
        with tf.control_dependencies([insert]):
            return x + module.table.lookup(tf.constant(["a"]))

    assert "LookupTableInsertV2" in row(tmp_path / "m", body, module).found


def drawing(use):
    """A generator, whose state `use` makes something of."""
    module = tf.Module()
    module.generator = tf.random.Generator.from_seed(7)
    return module, lambda x: use(x, module.generator)


def taken(x, generator):
    state = tf.raw_ops.RngReadAndSkip(
        resource=generator.state.handle, alg=1, delta=tf.constant(1, tf.uint64)
    )
    return tf.where(state[0] > 10**6, -x, x)


def looked_at_beside(x, generator):
    drawn = generator.normal([3])
    return tf.where(generator.state[0] > 10**6, -x, x + 1e-7 * drawn)


@pytest.mark.parametrize("use", [taken, looked_at_beside])
def test_a_generator_that_counts_requests_is_found(tmp_path, use):
    module, body = drawing(use)
    check = row(tmp_path / "m", body, module)
    assert not check.ok
    assert "serving_default keeps count of what is drawn (" in check.found


@pytest.mark.medium
@pytest.mark.parametrize("collection", [None, "saved_model_main_op", "legacy_init_op"])
def test_what_is_drawn_while_loading_is_another_model_with_each_load(tmp_path, collection):
    module = with_variable()
    looked_at(tmp_path, lambda x: x + module.count, module)
    file = tmp_path / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    [meta_graph] = saved.meta_graphs
    init = init_node(meta_graph)
    drawn = meta_graph.graph_def.node.add(name="drawn", op="RandomStandardNormal")
    init.input.append(f"^{drawn.name}")
    if collection:  # as older models have it
        del meta_graph.signature_def[INIT]
        meta_graph.collection_def[collection].node_list.value.append(init.name)
    file.write_bytes(saved.SerializeToString())
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    assert not check.ok
    assert f"{INIT} draws random numbers (RandomStandardNormal 'drawn')" in check.found


def reading_variable():
    module = with_variable()
    return module, lambda x: x + module.count


def reading_table():
    module = tf.Module()
    keys = tf.lookup.KeyValueTensorInitializer(["a"], [1.0])
    module.table = tf.lookup.StaticHashTable(keys, 0.0)
    return module, lambda x: x + module.table.lookup(tf.constant(["a"]))


@pytest.mark.medium
@pytest.mark.parametrize(
    "made",
    [
        reading_variable,
        reading_table,
        lambda: (None, lambda x: tf.map_fn(lambda row: row * 2, x)),
        lambda: (None, lambda x: tf.tensor_scatter_nd_update(x, [[0]], [[1.0, 2.0, 3.0]])),
        lambda: (None, unused(lambda x: tf.debugging.assert_all_finite(x, "finite"))),
        lambda: (None, unused(lambda x: tf.io.decode_csv(["1,2"], [[0], [0]]))),
        lambda: (None, unused(lambda x: tf.raw_ops.ScalarSummary(tags="x", values=x[0, 0]))),
        lambda: (None, lambda x: tf.raw_ops.Snapshot(input=x)),
        # Chance is for the answers to show.
        lambda: (None, lambda x: x + tf.random.uniform([3])),
        lambda: drawing(lambda x, generator: x + generator.normal([3])),
        lambda: drawing(lambda x, generator: x + generator.uniform([2, 3], maxval=7.0)),
        lambda: drawing(lambda x, g: tf.cond(x[0, 0] > 0, lambda: g.normal([3]), lambda: x[0])),
        lambda: (None, in_a_loop(lambda x: x + 1)),
    ],
)
def test_what_depends_on_the_request_alone_passes(tmp_path, made):
    module, body = made()
    check = row(tmp_path / "m", body, module)
    assert check.ok, check.found


@pytest.mark.medium
@pytest.mark.parametrize(
    ("made", "chance"),
    [
        (lambda: (None, lambda x: x * 2), False),
        (reading_variable, False),
        (reading_table, False),
        (lambda: (None, lambda x: x + tf.random.stateless_uniform([3], seed=[1, 2])), False),
        (lambda: (None, lambda x: x + tf.random.uniform([3])), True),
        (lambda: (None, in_a_branch(lambda x: x + tf.random.normal([3], seed=7))), True),
        (lambda: (None, in_a_loop(lambda x: tf.nn.dropout(x, 0.5))), True),
        (lambda: (None, lambda x: x + tf.raw_ops.Empty(shape=[3], dtype=tf.float32)), True),
        (lambda: (None, lambda x: x + tf.cast(tf.timestamp(), tf.float32)), True),
        (
            lambda: (
                None,
                lambda x: tf.nn.fractional_max_pool(x[None, ..., None], [1, 1, 1.5, 1])[0],
            ),
            True,
        ),
    ],
)
def test_chance_is_seen_wherever_it_is(tmp_path, made, chance):
    module, body = made()
    assert looked_at(tmp_path / "m", body, module).chance == chance


def test_what_cannot_be_read_does_not_pass(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"\x99 no graph")
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    assert (check.ok, check.found) == (False, "no graph that can be read")


def test_two_graphs_for_serving_do_not_pass(tmp_path):
    looked_at(tmp_path, lambda x: x * 2)
    saved = saved_model_pb2.SavedModel.FromString((tmp_path / "saved_model.pb").read_bytes())
    saved.meta_graphs.add().CopyFrom(saved.meta_graphs[0])
    (tmp_path / "saved_model.pb").write_bytes(saved.SerializeToString())
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    assert not check.ok
    assert check.found == "2 graphs have the tag serve and no other"


def test_a_file_that_other_servers_prefer_does_not_pass(tmp_path):
    looked_at(tmp_path, lambda x: x * 2)
    (tmp_path / "saved_model.cpb").write_bytes(b"another graph")
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    assert not check.ok
    assert check.found == "saved_model.cpb beside saved_model.pb is what newer servers load instead"


def test_weights_of_a_fixed_path_do_not_pass(tmp_path):
    module = with_variable()
    looked_at(tmp_path, lambda x: x + module.count, module)
    file = tmp_path / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    for function in saved.meta_graphs[0].graph_def.library.function:
        restoring = [node for node in function.node_def if node.op == "RestoreV2"]
        for node in restoring:
            node.input[0] = "fixed:output:0"
        if restoring:
            path = function.node_def.add(name="fixed", op="Const")
            path.attr["value"].tensor.CopyFrom(tf.make_tensor_proto("/home/ada/variables"))
    file.write_bytes(saved.SerializeToString())
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    assert not check.ok
    assert "the loading of the variables reads '/home/ada/variables'" in check.found


@contextlib.contextmanager
def a_table_of_a_file(folder: Path, path: str) -> Iterator[Any]:
    """The graph of a model that fills a table from `path`, to be finished in the block.

    By hand: TensorFlow makes an asset of each file that it knows of.
    """
    module, body = reading_table()
    looked_at(folder, body, module)
    file = folder / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    [meta_graph] = saved.meta_graphs
    init = init_node(meta_graph)
    [table] = [node for node in meta_graph.graph_def.node if node.op == "HashTableV2"]
    named = meta_graph.graph_def.node.add(name="named", op="Const")
    named.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(path))
    fill = meta_graph.graph_def.node.add(name="fill", op="InitializeTableFromTextFileV2")
    fill.input.extend([table.name, named.name])
    init.input.append(f"^{fill.name}")
    yield meta_graph
    file.write_bytes(saved.SerializeToString())


@pytest.mark.medium
@pytest.mark.parametrize("path", ["/etc/hostname", "../labels.txt", "./labels.txt", "labels.txt"])
def test_a_table_of_a_file_that_is_no_asset_does_not_pass(tmp_path, path):
    with a_table_of_a_file(tmp_path, path):
        pass
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    assert not check.ok
    assert f"reads {path!r}, which is none of its assets (Const 'named')" in check.found


def test_a_table_of_a_file_whose_path_is_computed_does_not_pass(tmp_path):
    with a_table_of_a_file(tmp_path, "words.txt") as meta_graph:
        joined = meta_graph.graph_def.node.add(name="joined", op="StringJoin", input=["named"])
        joined.attr["N"].i = 1
        [fill] = [node for node in meta_graph.graph_def.node if node.name == "fill"]
        fill.input[1] = joined.name
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    assert not check.ok
    assert f"{INIT} makes the path of a file (" in check.found


def test_a_signature_that_reads_a_file_is_said_once(tmp_path):
    check = row(
        tmp_path / "m",
        lambda x: x + tf.cast(tf.strings.length(tf.io.read_file("/nowhere")), tf.float32),
    )
    assert check.found.startswith("serving_default touches files (ReadFile")
    assert " more" not in check.found


@pytest.mark.parametrize(
    ("asset", "said"),
    [
        ("words.txt", None),
        ("../../words.txt", "the asset '../../words.txt' lies outside the model's folder"),
    ],
)
def test_assets_of_models_of_tensorflow_1_stand_in_a_collection(tmp_path, asset, said):
    """As those of estimators; the constant keeps the path of the machine that trained."""
    with a_table_of_a_file(tmp_path, "/home/ada/assets/words.txt") as meta_graph:
        definition = meta_graph_pb2.AssetFileDef(filename=asset)
        definition.tensor_info.name = "named:0"
        packed = meta_graph.collection_def["saved_model_assets"].any_list.value.add()
        packed.Pack(definition)
        meta_graph.ClearField("asset_file_def")
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    assert check.ok == (said is None), check.found
    assert said is None or said in check.found


def test_a_function_that_may_take_the_place_of_another_is_looked_at(tmp_path):
    module = with_variable()
    purpose = {"api_implements": "same", "api_preferred_device": "GPU"}

    @tf.function(autograph=False, experimental_attributes=purpose)
    def called(x):
        return x * 2

    @tf.function(
        autograph=False, experimental_attributes={**purpose, "api_preferred_device": "CPU"}
    )
    def instead(x):
        return counting(module)(x)

    def body(x):
        if not tf.executing_eagerly():
            instead.get_concrete_function(tf.TensorSpec([None, 3], tf.float32)).add_to_graph()
        return called(x)

    assert "changes state (AssignAddVariableOp" in row(tmp_path / "m", body, module).found


def test_the_gradient_of_a_function_is_looked_at(tmp_path):
    """It is run by SymbolicGradient, which names the function alone."""
    module = with_variable()
    given = tf.TensorSpec([None, 3], tf.float32)

    @tf.function(autograph=False)
    def called(x):
        return x * 2

    @tf.function(autograph=False)
    def gradient(x, of):
        return counting(module)(x)

    def body(x):
        for each, specs in ((called, [given]), (gradient, [given, given])):
            each.get_concrete_function(*specs).add_to_graph()
        [found] = tf.raw_ops.SymbolicGradient(
            input=[x, x], Tout=[tf.float32], f=called.get_concrete_function(given)
        )
        return found

    assert looked_at(tmp_path, body, module).problems == ()
    file = tmp_path / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    library = saved.meta_graphs[0].graph_def.library
    names = {
        of: next(n for n in (f.signature.name for f in library.function) if f"_{of}_" in n)
        for of in ("called", "gradient")
    }
    library.gradient.add(function_name=names["called"], gradient_func=names["gradient"])
    file.write_bytes(saved.SerializeToString())
    [problem] = graph.measure(served(tmp_path)).problems
    assert "changes state (AssignAddVariableOp" in problem


def test_no_file_is_named_in_what_runs_while_loading(tmp_path):
    with a_table_of_a_file(tmp_path, "words.txt") as meta_graph:
        meta_graph.asset_file_def.add(filename="words.txt").tensor_info.name = "named:0"
        region = meta_graph.graph_def.node.add(name="region", op="ImmutableConst")
        region.attr["memory_region_name"].s = b"/home/ada/region"
        init_node(meta_graph).input.append("^region")
    [check] = graph.judge(graph.measure(served(tmp_path)), Options())
    told = f"{INIT} reads a file whose path stands in it (ImmutableConst 'region')"
    assert told in check.found


@pytest.mark.parametrize(
    ("described", "found"),
    [
        (
            describe(DECLARATION),
            "serving_default looks for the feature 'zebra', which it was not trained on "
            "(ParseExampleV2 ",
        ),
        # Whoever brings signatures of their own knows what these read.
        (None, ""),
    ],
)
def test_a_feature_that_nobody_trained_on_is_named(tmp_path, described, found):
    features = {
        "image": tf.io.FixedLenFeature([], tf.string),
        "zebra": tf.io.FixedLenFeature([], tf.float32, default_value=0.0),
    }
    call = tf.function(
        lambda x: {"y": tf.io.parse_example(x, features)["zebra"]},
        input_signature=[tf.TensorSpec([None], tf.string, "x")],
        autograph=False,
    )
    tf.saved_model.save(tf.Module(), str(tmp_path), signatures=call)
    [check] = graph.judge(graph.measure(served(tmp_path, described)), Options())
    assert check.ok == (not found)
    assert check.found.startswith(found)
