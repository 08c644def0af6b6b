from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving.server.status import Code, StatusError

pytestmark = pytest.mark.slow


def load(path: Path, **options: Any):
    from serving.server.loading.saved_model import SavedModel

    return SavedModel(str(path), **options)


def test_signatures_are_read_and_run(saved_model: Path):
    model = load(saved_model)
    signature = model.signatures["serving_default"]
    assert list(signature.inputs) == ["x"]
    assert signature.inputs["x"].dtype.text == "float"
    [y] = model.run(
        {signature.inputs["x"].tensor: np.ones((2, 2), np.float32)},
        [signature.outputs["y"].tensor],
    )
    np.testing.assert_array_equal(y, np.full((2, 2), 3, np.float32))
    model.close()


def test_the_session_is_as_the_config_says_and_the_flags_about_threads(saved_model: Path):
    from tensorflow.core.protobuf import config_pb2

    given = config_pb2.ConfigProto(inter_op_parallelism_threads=3)
    given.graph_options.rewrite_options.disable_meta_optimizer = True
    for parallelism, threads in (((0, 0), 3), ((2, 1), 1)):
        model = load(saved_model, config=given, parallelism=parallelism)
        used = model._session._config
        assert used.graph_options.rewrite_options.disable_meta_optimizer
        assert used.inter_op_parallelism_threads == threads
        assert given.inter_op_parallelism_threads == 3
        model.close()


def test_assets_and_tables_are_initialized(tmp_path: Path):
    import tensorflow as tf

    vocabulary = tmp_path / "words.txt"
    vocabulary.write_text("zero\none\n")

    class Words(tf.Module):
        def __init__(self) -> None:
            self.table = tf.lookup.StaticVocabularyTable(
                tf.lookup.TextFileInitializer(
                    str(vocabulary),
                    tf.string,
                    tf.lookup.TextFileIndex.WHOLE_LINE,
                    tf.int64,
                    tf.lookup.TextFileIndex.LINE_NUMBER,
                ),
                num_oov_buckets=1,
            )

        @tf.function(autograph=False)
        def number(self, word):
            return {"number": self.table.lookup(word)}

    module = Words()
    call = module.number.get_concrete_function(tf.TensorSpec([None], tf.string, "word"))
    tf.saved_model.save(module, str(tmp_path / "model"), signatures={"serving_default": call})
    vocabulary.unlink()
    model = load(tmp_path / "model")
    signature = model.signatures["serving_default"]
    words = np.array([b"one", b"zero", b"two"], np.object_)
    [numbers] = model.run(
        {signature.inputs["word"].tensor: words}, [signature.outputs["number"].tensor]
    )
    assert numbers.tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda version: shutil.rmtree(version), Code.NOT_FOUND),
        (lambda version: (version / "saved_model.pb").unlink(), Code.NOT_FOUND),
        (lambda version: os.truncate(version / "saved_model.pb", 100), Code.OUT_OF_RANGE),
        (lambda version: shutil.rmtree(version / "variables"), Code.NOT_FOUND),
        (lambda version: (version / "variables" / "variables.index").unlink(), Code.NOT_FOUND),
        (lambda version: os.truncate(version / "variables" / "variables.index", 40), None),
        (lambda version: _data(version).unlink(), None),
        (lambda version: os.truncate(_data(version), 1), None),
    ],
)
def test_a_partial_copy_does_not_load(
    saved_model: Path, tmp_path: Path, damage: Callable[[Path], object], code: Code | None
):
    version = tmp_path / "1"
    shutil.copytree(saved_model, version)
    damage(version)
    with pytest.raises(StatusError) as caught:
        load(version)
    assert code in (None, caught.value.code)


def _data(version: Path) -> Path:
    return version / "variables" / "variables.data-00000-of-00001"


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path):
    import tensorflow as tf

    def count(n):
        return {"n": tf.while_loop(lambda i: i < n, lambda i: (i + 1,), (tf.constant(0),))[0]}

    call = tf.function(count, autograph=False).get_concrete_function(
        tf.TensorSpec([], tf.int32, "n")
    )
    tf.saved_model.save(tf.Module(), str(tmp_path / "model"), signatures={"count": call})
    model = load(tmp_path / "model", timeout_ms=200)
    signature = model.signatures["count"]
    with pytest.raises(StatusError) as caught:
        model.run(
            {signature.inputs["n"].tensor: np.int32(2**31 - 1)}, [signature.outputs["n"].tensor]
        )
    assert caught.value.code is Code.DEADLINE_EXCEEDED


def test_so_is_one_on_the_thread_of_its_request(tmp_path: Path):
    import tensorflow as tf

    call = tf.function(lambda n: {"n": tf.sort(n)}, autograph=False).get_concrete_function(
        tf.TensorSpec([None], tf.float32, "n")
    )
    tf.saved_model.save(tf.Module(), str(tmp_path / "model"), signatures={"sort": call})
    numbers = np.random.default_rng(0).random(200_000, np.float32)
    model = load(tmp_path / "model", timeout_ms=1)
    signature = model.signatures["sort"]
    places = signature.inputs["n"].tensor, [signature.outputs["n"].tensor]
    with pytest.raises(StatusError, match="Timed out") as caught:
        model.run({places[0]: numbers}, places[1])
    assert caught.value.code is Code.DEADLINE_EXCEEDED
    patient = load(tmp_path / "model", timeout_ms=600_000)
    assert patient.run({places[0]: numbers}, places[1])[0][0] == numbers.min()


def edited(saved_model: Path, version: Path, edit: Callable[[Any], object]) -> Path:
    """A copy of the model whose SavedModel message `edit` changes."""
    from tensorflow.core.protobuf import saved_model_pb2

    shutil.copytree(saved_model, version)
    file = version / "saved_model.pb"
    message = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    edit(message)
    file.write_bytes(message.SerializeToString())
    return version


def answer(model) -> list[list[float]]:
    signature = model.signatures["serving_default"]
    feeds = {signature.inputs["x"].tensor: np.zeros((1, 2), np.float32)}
    [y] = model.run(feeds, [signature.outputs["y"].tensor])
    return y.tolist()


def test_the_text_form_is_loaded_where_there_is_no_binary(saved_model: Path, tmp_path: Path):
    from google.protobuf import text_format
    from tensorflow.core.protobuf import saved_model_pb2

    version = tmp_path / "1"
    shutil.copytree(saved_model, version)
    binary, text = version / "saved_model.pb", version / "saved_model.pbtxt"
    text.write_text("not read while there is a binary")
    assert answer(load(version)) == [[1, 1]]
    message = saved_model_pb2.SavedModel.FromString(binary.read_bytes())
    binary.unlink()
    with pytest.raises(StatusError, match="as text proto") as caught:
        load(version)
    assert caught.value.code is Code.DATA_LOSS
    text.write_text(text_format.MessageToString(message))
    assert answer(load(version)) == [[1, 1]]


def test_the_meta_graph_with_exactly_the_tags_is_loaded(saved_model: Path, tmp_path: Path):
    def add_graph(message) -> None:
        first = message.meta_graphs[0]
        message.meta_graphs.add().CopyFrom(first)
        first.meta_info_def.tags.append("gpu")
        del first.signature_def["two"]

    version = edited(saved_model, tmp_path / "1", add_graph)
    assert "two" in load(version).signatures
    assert "two" not in load(version, tags=["gpu", "serve"]).signatures
    with pytest.raises(StatusError, match=r"supplied tags: \{ gpu \}\. To inspect") as caught:
        load(version, tags=["gpu"])
    assert caught.value.code is Code.NOT_FOUND


def test_what_went_wrong_while_loading_is_said_first(saved_model: Path, tmp_path: Path):
    """Not that there was an error in a graph, and where that graph was built."""
    copy = tmp_path / "copy"
    shutil.copytree(saved_model, copy)
    (copy / "variables" / "variables.index").write_bytes(b"")
    with pytest.raises(StatusError, match=r"^file is too short to be an sstable"):
        load(copy)


def test_the_init_op_is_told_of_but_is_no_signature_to_run(saved_model: Path):
    model = load(saved_model)
    assert "__saved_model_init_op" in model.signature_defs
    assert "__saved_model_init_op" not in model.signatures


@pytest.mark.parametrize("collection", ["saved_model_main_op", "legacy_init_op"])
def test_init_ops_of_earlier_exporters_run(tmp_path: Path, collection: str):
    import tensorflow as tf

    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        words = tmp_path / "words.txt"
        words.write_text("zero\none\n")
        asset = tf.constant(str(words))
        v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, asset)
        table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(
                asset,
                tf.string,
                tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER,
            ),
            -1,
        )
        x = v1.placeholder(tf.string, [None], "x")
        y = table.lookup(x)
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        builder = v1.saved_model.Builder(str(tmp_path / "1"))
        init = v1.tables_initializer()
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            {"serving_default": signature},
            assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS),
            main_op=init,
            strip_default_attrs=True,
        )
        builder.save()
    words.unlink()

    def only_in(message) -> None:
        graph = message.meta_graphs[0]
        assert "__saved_model_init_op" not in graph.signature_def
        for name in ("saved_model_main_op", "legacy_init_op"):
            if name in graph.collection_def:
                del graph.collection_def[name]
        graph.collection_def[collection].node_list.value.append(init.name)

    model = load(edited(tmp_path / "1", tmp_path / "2", only_in))
    feeds = {"x:0": np.array([b"one", b"two"], np.object_)}
    assert model.run(feeds, [y.name])[0].tolist() == [1, -1]


def test_more_than_one_init_op_does_not_load(saved_model: Path, tmp_path: Path):
    def spoil(message) -> None:
        graph = message.meta_graphs[0]
        del graph.signature_def["__saved_model_init_op"]
        graph.collection_def["saved_model_main_op"].node_list.value.extend(["a", "b"])

    with pytest.raises(StatusError, match="Expected exactly one main op in : ") as caught:
        load(edited(saved_model, tmp_path / "1", spoil))
    assert caught.value.code is Code.FAILED_PRECONDITION


def test_an_op_that_is_not_there_is_named(saved_model: Path, tmp_path: Path):
    def add_op(message) -> None:
        message.meta_graphs[0].graph_def.node.add(name="tokenize", op="SentencepieceTokenizeOp")

    with pytest.raises(StatusError, match="Op type not registered 'SentencepieceTokenizeOp'"):
        load(edited(saved_model, tmp_path / "1", add_op))


def test_a_model_without_variables_or_signatures_loads(saved_model: Path, tmp_path: Path):
    import tensorflow as tf

    call = tf.function(lambda x: {"y": 2 * x}, autograph=False).get_concrete_function(
        tf.TensorSpec([None, 2], tf.float32, "x")
    )
    tf.saved_model.save(tf.Module(), str(tmp_path / "plain"), signatures=call)
    shutil.rmtree(tmp_path / "plain" / "variables")
    assert answer(load(tmp_path / "plain")) == [[0, 0]]
    tf.saved_model.save(tf.Module(), str(tmp_path / "none"), signatures={})
    assert load(tmp_path / "none").signatures == {}


def test_a_ragged_output_spoils_its_signature_only(tmp_path: Path):
    import tensorflow as tf

    spec = tf.TensorSpec([None, 2], tf.float32, "x")
    ragged = tf.function(
        lambda x: {"r": tf.RaggedTensor.from_tensor(x), "y": x}, autograph=False
    ).get_concrete_function(spec)
    plain = tf.function(lambda x: {"y": x}, autograph=False).get_concrete_function(spec)
    signatures = {"ragged": ragged, "serving_default": plain}
    tf.saved_model.save(tf.Module(), str(tmp_path / "1"), signatures=signatures)
    model = load(tmp_path / "1")
    assert answer(model) == [[0, 0]]
    signature = model.signatures["ragged"]
    feeds = {signature.inputs["x"].tensor: np.zeros((1, 2), np.float32)}
    with pytest.raises(StatusError):
        model.run(feeds, [info.tensor for info in signature.outputs.values()])


@pytest.fixture
def model_with_defaults(tmp_path: Path) -> Path:
    import tensorflow as tf

    company = tf.constant([b"taxi"])
    specs = [tf.TensorSpec([None], tf.float32, "fare"), tf.TensorSpec([None], tf.string, "company")]

    @tf.function(input_signature=specs, autograph=False)
    def price(fare, company=company):
        return {"price": fare, "at": tf.strings.join([company, "!"])}

    tf.saved_model.save(tf.Module(), str(tmp_path), signatures={"serving_default": price})
    return tmp_path


def test_an_input_with_a_default_may_be_left_out(model_with_defaults: Path):
    from tensorflow_serving.apis import predict_pb2

    from serving.server.messages import messages

    model = load(model_with_defaults)
    request = predict_pb2.PredictRequest()
    fare = request.inputs["fare"]
    fare.dtype, fare.float_val[:] = 1, [2.5]
    fare.tensor_shape.dim.add().size = 1

    def labels() -> list[bytes]:
        answer = messages.predict(model, request)
        assert isinstance(answer, predict_pb2.PredictResponse)
        return list(answer.outputs["at"].string_val)

    assert labels() == [b"taxi!"]

    company = request.inputs["company"]
    company.dtype, company.string_val[:] = 7, [b"bus"]
    company.tensor_shape.dim.add().size = 1
    assert labels() == [b"bus!"]

    request.inputs["other"].CopyFrom(fare)
    del request.inputs["company"]
    with pytest.raises(StatusError, match="Used request inputs: fare, request input: fare,other"):
        messages.predict(model, request)
    del request.inputs["fare"], request.inputs["other"]
    with pytest.raises(
        StatusError, match=r"alias: fare\(feed name: .*\) not found in request and no"
    ):
        messages.predict(model, request)
    model.close()


@pytest.mark.extended
def test_every_choice_of_outputs_does_not_stay_for_ever(saved_model: Path):
    model = load(saved_model)
    names = [info.tensor for s in model.signatures.values() for info in s.outputs.values()]
    fed = model.signatures["serving_default"].inputs["x"].tensor
    for first in names:
        for second in names:
            if first != second:
                with contextlib.suppress(StatusError):  # Other inputs are missing.
                    model.run({fed: np.ones((1, 2), np.float32)}, [first, second])
    assert len(model._callables) <= 64
    model.close()
