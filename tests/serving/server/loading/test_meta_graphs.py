"""What a SavedModel says of itself, read without loading it."""

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from serving.server.loading import meta_graphs
from serving.server.status import Code, StatusError

FLOAT, FLOAT_REFERENCE = 1, 101


def _signature(alias: str, dtype: int = FLOAT) -> Any:
    info = meta_graph_pb2.TensorInfo(name=f"{alias}:0", dtype=dtype)
    return meta_graph_pb2.SignatureDef(method_name="predict", inputs={alias: info})


def _with_asset(graph: meta_graph_pb2.MetaGraphDef, *places: str) -> meta_graph_pb2.MetaGraphDef:
    asset = meta_graph_pb2.AssetFileDef(filename="words.txt")
    asset.tensor_info.name = "file:0"
    if "field" in places:
        graph.asset_file_def.add().CopyFrom(asset)
    if "collection" in places:
        graph.collection_def["saved_model_assets"].any_list.value.add().Pack(asset)
    return graph


def test_the_meta_graph_with_exactly_the_tags_is_read(tmp_path: Path):
    message = saved_model_pb2.SavedModel()
    for tags in (["serve", "gpu"], ["serve"]):
        graph = message.meta_graphs.add()
        graph.meta_info_def.tags.extend(tags)
        graph.signature_def["-".join(tags)].CopyFrom(_signature("x"))
    (tmp_path / "saved_model.pb").write_bytes(message.SerializeToString())
    assert list(meta_graphs.read(str(tmp_path), frozenset(["serve"])).signature_def) == ["serve"]
    found = meta_graphs.read(str(tmp_path), frozenset(["gpu", "serve"]))
    assert list(found.signature_def) == ["serve-gpu"]
    with pytest.raises(StatusError, match=r"supplied tags: \{ gpu \}\. To inspect") as caught:
        meta_graphs.read(str(tmp_path), frozenset(["gpu"]))
    assert caught.value.code is Code.NOT_FOUND


def test_the_text_form_is_read_where_there_is_no_binary(tmp_path: Path):
    binary, text = tmp_path / "saved_model.pb", tmp_path / "saved_model.pbtxt"
    with pytest.raises(StatusError, match=r"Could not find SavedModel \.pb or \.pbtxt") as caught:
        meta_graphs.read(str(tmp_path), frozenset())
    assert caught.value.code is Code.NOT_FOUND
    message = saved_model_pb2.SavedModel()
    message.meta_graphs.add().signature_def["x"].CopyFrom(_signature("x"))
    text.write_text(text_format.MessageToString(message))
    assert "x" in meta_graphs.read(str(tmp_path), frozenset()).signature_def
    binary.write_bytes(b"\x0a\xff")
    with pytest.raises(StatusError, match="as binary proto") as caught:
        meta_graphs.read(str(tmp_path), frozenset())
    assert caught.value.code is Code.OUT_OF_RANGE
    binary.unlink()
    text.write_bytes(b"\xff")
    with pytest.raises(StatusError, match="as text proto") as caught:
        meta_graphs.read(str(tmp_path), frozenset())
    assert caught.value.code is Code.DATA_LOSS


def test_a_signature_is_what_can_be_asked_and_has_the_types_of_values():
    graph = meta_graph_pb2.MetaGraphDef()
    graph.signature_def["serve"].CopyFrom(_signature("x", FLOAT_REFERENCE))
    graph.signature_def["__saved_model_init_op"].CopyFrom(_signature("y"))
    [(name, signature)] = meta_graphs.signatures(graph).items()
    assert (name, signature.method, list(signature.inputs)) == ("serve", "predict", ["x"])
    assert (signature.inputs["x"].tensor, signature.inputs["x"].dtype.text) == ("x:0", "float")


@pytest.mark.parametrize("places", [("field",), ("collection",), ("field", "collection")])
def test_an_asset_is_told_its_place_once_however_it_was_written(places: tuple[str, ...]):
    graph = _with_asset(meta_graph_pb2.MetaGraphDef(), *places)
    assert [each.filename for each in meta_graphs.asset_files(graph)] == ["words.txt"]
    assert meta_graphs.asset_feeds("/m/1", graph) == {"file:0": "/m/1/assets/words.txt"}


def test_the_init_op_is_a_signature_or_the_only_one_of_a_collection():
    graph = meta_graph_pb2.MetaGraphDef()
    assert meta_graphs.init_op(graph, "/m/1") == ""
    names = graph.collection_def["legacy_init_op"].node_list.value
    names.append("init")
    assert meta_graphs.init_op(graph, "/m/1") == "init"
    names.append("another")
    with pytest.raises(StatusError, match="Expected exactly one main op in : /m/1") as caught:
        meta_graphs.init_op(graph, "/m/1")
    assert caught.value.code is Code.FAILED_PRECONDITION
    init = graph.signature_def["__saved_model_init_op"].outputs["__saved_model_init_op"]
    init.name = "NoOp:0"
    assert meta_graphs.init_op(graph, "/m/1") == "NoOp"
