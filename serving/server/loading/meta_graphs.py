"""What a SavedModel says of itself: its meta graphs, as the C++ loader reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from google.protobuf import text_format
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from serving.server.loading import file_system
from serving.server.messages import tensor_proto
from serving.server.signature import DataType, Signature, TensorInfo
from serving.server.status import Code, StatusError

_INIT_OP = "__saved_model_init_op"
_INIT_OP_COLLECTIONS = ("saved_model_main_op", "legacy_init_op")
_ASSETS_COLLECTION = "saved_model_assets"
_REFERENCE_TYPES = 100
"""A reference type is its type plus 100; fed and fetched values are of the type itself."""


def read(path: str, tags: frozenset[str]) -> meta_graph_pb2.MetaGraphDef:
    """The meta graph of a SavedModel that has all of these tags, and no others.

    Raises:
      StatusError: there is none, or the file is missing or damaged.
    """
    for meta_graph in _read_saved_model(path).meta_graphs:
        if set(meta_graph.meta_info_def.tags) == tags:
            return meta_graph
    raise StatusError(
        Code.NOT_FOUND,
        f"Could not find meta graph def matching supplied tags: {{ {' '.join(sorted(tags))} }}."
        " To inspect available tag-sets in the SavedModel, please use the SavedModel CLI:"
        " `saved_model_cli`",
    )


def _read_saved_model(path: str) -> saved_model_pb2.SavedModel:
    """The binary file, or else the text file (tensorflow/cc/saved_model/reader.cc)."""
    saved_model = saved_model_pb2.SavedModel()
    binary, text = (os.path.join(path, f"saved_model.{kind}") for kind in ("pb", "pbtxt"))
    try:
        saved_model.ParseFromString(file_system.read(binary))
        return saved_model
    except DecodeError as error:
        raise StatusError(Code.OUT_OF_RANGE, f"Can't parse {binary} as binary proto") from error
    except StatusError as error:
        if error.code is not Code.NOT_FOUND:
            raise
    try:
        text_format.Parse(file_system.read(text), saved_model)
        return saved_model
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise StatusError(Code.DATA_LOSS, f"Can't parse {text} as text proto: {error}") from error
    except StatusError as error:
        if error.code is not Code.NOT_FOUND:
            raise
    raise StatusError(
        Code.NOT_FOUND,
        f"Could not find SavedModel .pb or .pbtxt at supplied export directory path: {path}",
    )


def asset_files(meta_graph: meta_graph_pb2.MetaGraphDef) -> list[meta_graph_pb2.AssetFileDef]:
    """The files in `assets` whose places the model is told: of models that TensorFlow 1 wrote, such
    as those of estimators, they stand in a collection."""
    definitions = list(meta_graph.asset_file_def)
    if not definitions and _ASSETS_COLLECTION in meta_graph.collection_def:
        for packed in meta_graph.collection_def[_ASSETS_COLLECTION].any_list.value:
            definition = meta_graph_pb2.AssetFileDef()
            packed.Unpack(definition)
            definitions.append(definition)
    return definitions


def asset_feeds(path: str, meta_graph: meta_graph_pb2.MetaGraphDef) -> dict[str, str]:
    """Where each asset of the SavedModel in `path` lies, by the tensor that is told so."""
    return {
        definition.tensor_info.name: os.path.join(path, "assets", definition.filename)
        for definition in asset_files(meta_graph)
    }


def init_op(meta_graph: meta_graph_pb2.MetaGraphDef, path: str) -> str:
    """Name of the op that, say, fills lookup tables; "" when there is none.

    Raises:
      StatusError: there are several.
    """
    if _INIT_OP in meta_graph.signature_def:
        tensor = meta_graph.signature_def[_INIT_OP].outputs[_INIT_OP].name
        return str(tensor.partition(":")[0])
    for collection in _INIT_OP_COLLECTIONS:
        if collection in meta_graph.collection_def:
            names = meta_graph.collection_def[collection].node_list.value
            if len(names) != 1:
                raise StatusError(
                    Code.FAILED_PRECONDITION, f"Expected exactly one main op in : {path}"
                )
            return str(names[0])
    return ""


def signatures(meta_graph: meta_graph_pb2.MetaGraphDef) -> Mapping[str, Signature]:
    """What can be asked, by name; the op that is run when the model is loaded is none of them."""
    return {
        name: _signature(definition)
        for name, definition in meta_graph.signature_def.items()
        if name != _INIT_OP
    }


def _signature(definition: meta_graph_pb2.SignatureDef) -> Signature:
    return Signature(
        method=definition.method_name,
        inputs=_tensor_infos(definition.inputs),
        outputs=_tensor_infos(definition.outputs),
        defaults={
            alias: tensor_proto.to_array(proto, alias)
            for alias, proto in definition.defaults.items()
        },
    )


def _tensor_infos(tensors: Mapping[str, meta_graph_pb2.TensorInfo]) -> dict[str, TensorInfo]:
    return {
        name: TensorInfo(tensors[name].name, DataType(tensors[name].dtype % _REFERENCE_TYPES))
        for name in sorted(tensors)
    }
