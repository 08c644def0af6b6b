"""The candidate in a base path of its own, as a model server wants it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2
from tfx.utils import io_utils

from components.serving_check.control import machine_error, short_of_something
from documents.saved_model import SAVED_MODEL

VERSION = 1
SERVE_TAG = "serve"
INIT_SIGNATURE = "__saved_model_init_op"
"""The signature that is run once when a model is loaded, and asked by nobody."""


@contextlib.contextmanager
def base_path_for(saved_model: str, model_name: str) -> Iterator[Path]:
    """A temporary base path that holds `saved_model` as version 1; gone on leaving.

    Args:
      saved_model: folder, or URI that TensorFlow's file systems read.

    Raises:
      MachineError: there is no room for it.
    """
    with tempfile.TemporaryDirectory(prefix="serving_check-") as folder:
        base_path = Path(folder) / model_name
        version = base_path / str(VERSION)
        if os.path.isdir(saved_model):
            try:
                copy_folder(saved_model, version)
            except OSError as error:
                if short_of_something(error):
                    raise machine_error(error) from error
                raise
        else:
            version.mkdir(parents=True)
            io_utils.copy_dir(saved_model, str(version))
        yield base_path


def copy_folder(source: str | os.PathLike[str], target: Path) -> None:
    """Makes the new folder `target` of the files in a local one, through links.

    Raises:
      OSError: the first one that there is; that of `shutil.copytree` does not say what it was, so
        that a full disk would look like a server that does not answer.
    """

    def stop(error: OSError) -> None:
        raise error

    for folder, _, names in os.walk(source, onerror=stop, followlinks=True):
        below = target / os.path.relpath(folder, source)
        below.mkdir(parents=True)
        for name in names:
            link_or_copy(os.path.join(folder, name), str(below / name))


def link_or_copy(source: str, target: str) -> None:
    """A hard link costs no space; it is refused across file systems and by some of them.

    Of a symbolic link what it points at now, as a push takes it: a copy of the link would lead
    elsewhere from `target`, or follow whoever changes it.
    """
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copy2(source, target)


def read_meta_graph(version: Path) -> Any:
    """The MetaGraphDef that is served; None when the file cannot be parsed or has none.

    Judging such a file is the model server's part; here it only means that nothing is known.
    """
    return next(iter(served_graphs(version)), None)


def served_graphs(version: Path) -> list[Any]:
    """The MetaGraphDefs with the tag for serving and no other, of which servers take the first.

    Raises:
      OSError: the file is there and cannot be read.
    """
    saved_model = saved_model_pb2.SavedModel()
    try:
        saved_model.ParseFromString((version / SAVED_MODEL).read_bytes())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, DecodeError):
        return []
    graphs = saved_model.meta_graphs
    return [graph for graph in graphs if {*graph.meta_info_def.tags} == {SERVE_TAG}]


def read_signatures(version: Path) -> Mapping[str, Mapping[str, Any]]:
    """Signature name to SignatureDef in proto3 JSON form; none when the file cannot be parsed."""
    meta_graph = read_meta_graph(version)
    if meta_graph is None:
        return {}
    return {
        name: json_format.MessageToDict(signature, preserving_proto_field_name=True)
        for name, signature in meta_graph.signature_def.items()
        if name != INIT_SIGNATURE
    }
