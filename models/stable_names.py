"""Equal models in equal bytes: what TensorFlow numbers at random is numbered by order.

TensorFlow ends the names of functions, and of what they capture, in a counter of the process
(`__inference_classify_4048`), which depends on whatever was traced before; newer releases also put
a random uuid into `fingerprint.pb`. So training again with the same inputs would give the same
weights and signatures and yet another content digest, and a second push of the same model.
"""

from __future__ import annotations

import copy
import os
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf
from google.protobuf.descriptor import FieldDescriptor
from tensorflow.core.protobuf import fingerprint_pb2, saved_model_pb2

from models.lone_graph import forget_cluster

FINGERPRINT = "fingerprint.pb"
_COUNTED = re.compile(r".*_[0-9]+", re.DOTALL)
_NUMBER = re.compile("_[0-9]+(?=_|$)")
_GIVEN_NAME = "_user_specified_name"
_COLOCATED = "_class"


def stabilize(folder: str) -> None:
    """Rewrites a SavedModel so that its bytes depend only on what was saved, and in which order.

    Args:
      folder: that tf.saved_model.save wrote just now; nothing may be loaded from it yet.
    """
    path = os.path.join(folder, tf.saved_model.SAVED_MODEL_FILENAME_PB)
    saved_model = saved_model_pb2.SavedModel()
    with tf.io.gfile.GFile(path, "rb") as file:
        saved_model.ParseFromString(file.read())
    for meta_graph in saved_model.meta_graphs:
        _rename(meta_graph)
        forget_cluster(meta_graph.graph_def)
    content = saved_model.SerializeToString(deterministic=True)
    with tf.io.gfile.GFile(path, "wb") as file:
        file.write(content)
    _renew_fingerprint(folder)


def _rename(meta_graph: Any) -> None:
    functions = meta_graph.graph_def.library.function
    names = stable_names(each.signature.name for each in functions)
    captured = _captured(functions)
    for function in functions:
        _rename_arguments(function, captured)
    _replace(meta_graph, names)
    in_order = sorted(functions, key=lambda each: (len(each.signature.name), each.signature.name))
    copies = [copy.deepcopy(each) for each in in_order]
    del functions[:]
    functions.extend(copies)


def _captured(functions: Iterable[Any]) -> dict[str, str]:
    """What is captured is named by its number alone; to its place in the order of the numbers."""
    given = {
        attributes.attr[_GIVEN_NAME].s.decode(errors="replace")
        for function in functions
        for attributes in function.arg_attr.values()
        if _GIVEN_NAME in attributes.attr
    }
    numbers = sorted((name for name in given if name.isdigit()), key=int)
    return {number: str(place) for place, number in enumerate(numbers)}


def stable_names(names: Iterable[str]) -> dict[str, str]:
    """Each name that ends in a number with its place in their order instead. Pure.

    Numbers before the end go as well: a loop's body also holds the loop's number of the counter,
    and nothing tells that from the number of a layer. The place keeps the names apart. All stay as
    they are where two would become one.
    """
    old = list(names)
    counted = sorted((name for name in old if _COUNTED.fullmatch(name)), key=_number)
    new = {name: name for name in old}
    new |= {name: f"{_plain(name)}_{place}" for place, name in enumerate(counted)}
    return new if len(set(new.values())) == len(new) else {name: name for name in old}


def _number(name: str) -> tuple[int, str]:
    return int(name.rpartition("_")[2]), name


def _plain(name: str) -> str:
    return _NUMBER.sub("", name)


def _places(arguments: Iterable[Any]) -> dict[str, str]:
    """Each name of an argument that has a number, with its place for the number."""
    names = [argument.name for argument in arguments]
    return {
        name: f"{_plain(name)}_{place}" if _NUMBER.search(name) else name
        for place, name in enumerate(names)
    }


def _rename_arguments(function: Any, captured: Mapping[str, str]) -> None:
    """Arguments and results are known inside of their function only."""
    own, results = _places(function.signature.input_arg), _places(function.signature.output_arg)
    for argument in function.signature.input_arg:
        argument.name = own[argument.name]
    for argument in function.signature.output_arg:
        argument.name = results[argument.name]
    for attributes in function.arg_attr.values():
        given = attributes.attr[_GIVEN_NAME].s if _GIVEN_NAME in attributes.attr else b""
        if given.isdigit():
            attributes.attr[_GIVEN_NAME].s = captured[given.decode()].encode()
    for node in function.node_def:
        node.input[:] = [_renamed(name, own) for name in node.input]
        if _COLOCATED in node.attr:
            places = node.attr[_COLOCATED].list.s
            places[:] = [_beside(place, captured) for place in places]
    returned = {results.get(key, key): _renamed(name, own) for key, name in function.ret.items()}
    function.ret.clear()
    function.ret.update(returned)


def _beside(place: bytes, captured: Mapping[str, str]) -> bytes:
    """`loc:@scope/4048`, what a node lies beside, with the number of what is captured replaced."""
    scope, slash, number = place.decode(errors="surrogateescape").rpartition("/")
    return f"{scope}{slash}{captured.get(number, number)}".encode(errors="surrogateescape")


def _renamed(reference: str, names: Mapping[str, str]) -> str:
    """`name`, `^name` or `name:output:0` with the name replaced."""
    control = "^" if reference.startswith("^") else ""
    name, colon, rest = reference[len(control) :].partition(":")
    return f"{control}{names.get(name, name)}{colon}{rest}"


def _replace(message: Any, names: Mapping[str, str]) -> None:
    """Replaces every text that is one of the names, wherever it stands."""
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            _replace_in_map(field, value, names)
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for item in value if _repeated(field) else (value,):
                _replace(item, names)
        elif field.type == FieldDescriptor.TYPE_STRING:
            if _repeated(field):
                value[:] = [names.get(text, text) for text in value]
            elif value in names:
                setattr(message, field.name, names[value])


def _replace_in_map(field: Any, value: Any, names: Mapping[str, str]) -> None:
    is_message = field.message_type.fields_by_name["value"].message_type is not None
    for key in value:
        if is_message:
            _replace(value[key], names)
        elif value[key] in names:
            value[key] = names[value[key]]
    if not any(key in names for key in value):
        return
    # All at once, since a new name may be another one's old name.
    items = [(names.get(key, key), copy.deepcopy(value[key])) for key in value]
    value.clear()
    for key, item in items:
        if is_message:
            value[key].CopyFrom(item)
        else:
            value[key] = item


def _repeated(field: Any) -> bool:
    return isinstance(field.default_value, list)


def _renew_fingerprint(folder: str) -> None:
    """The fingerprint of the file as it is now; its uuid, where it has one, stands for that."""
    path = os.path.join(folder, FINGERPRINT)
    if not tf.io.gfile.exists(path):
        return
    from tensorflow.python.saved_model.pywrap_saved_model import fingerprinting

    fingerprint = fingerprint_pb2.FingerprintDef.FromString(
        fingerprinting.CreateFingerprintDef(folder)
    )
    if "uuid" in fingerprint.DESCRIPTOR.fields_by_name:
        fingerprint.uuid = ""
        content = fingerprint.SerializeToString(deterministic=True)
        fingerprint.uuid = str(uuid.uuid5(uuid.NAMESPACE_OID, content.hex()))
    with tf.io.gfile.GFile(path, "wb") as file:
        file.write(fingerprint.SerializeToString(deterministic=True))
