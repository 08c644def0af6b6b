"""A file of YAML documents as untrusted input: bounded, without tags, aliases or a key twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from documents.regular_file import regular_file
from documents.settings.section import short, short_repr

MAX_BYTES = 2 * 1024 * 1024
"""Argo keeps a workflow in one object of at most 1.5 MB, so no file that works is near it."""

_DEEPEST = 64
_TAG = "tag:yaml.org,2002:"
_SCALARS = tuple(_TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp"))


class YamlFileError(ValueError):
    """The file cannot be read as YAML documents."""


def read_yaml_file(file: Path) -> list[Any]:
    """The documents: dicts with text as keys, lists, str, int, float, bool, date or None.

    Raises:
      YamlFileError: it is missing, too large, not UTF-8, or not YAML that every reader reads alike.
    """
    again = "write it with `python kubeflow_runner.py compile`"
    try:
        with regular_file(file) as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise YamlFileError(f"Cannot read {file}: {error.strerror}; {again}") from error
    if len(content) > MAX_BYTES:
        raise YamlFileError(f"{file} is over {MAX_BYTES // 1024**2} MB; {again}")
    try:
        return parse_yaml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise YamlFileError(
            f"{file} is not UTF-8: byte 0x{content[error.start]:02x} at {error.start}"
        ) from error
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise YamlFileError(f"{file} is not plain YAML: {short(error, 300)}") from error


def parse_yaml(text: str) -> list[Any]:
    """As read_yaml_file, of what stands in a file.

    Raises:
      yaml.YAMLError, ValueError, RecursionError: it is not such YAML.
    """
    loader = _Loader(text)
    documents = []
    while loader.check_node():
        node = loader.get_node()
        assert node is not None
        documents.append(_value(loader, node))
    return documents


class _Loader(yaml.SafeLoader):
    """Without aliases, a few hundred bytes of which stand for gigabytes, and not too deep."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise _refusal(event.start_mark, f"alias *{event.anchor} is not allowed")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _refusal(self.peek_event().start_mark, f"it is nested more than {_DEEPEST} deep")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _value(loader: _Loader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
        return _mapping(loader, node)
    if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
        return [_value(loader, item) for item in node.value]
    if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
        _demand_whole(node)
        return loader.construct_object(node)
    tag = node.tag.replace(_TAG, "!!")
    raise _refusal(node.start_mark, f"the tag {short(tag)} is not allowed")


def _demand_whole(node: yaml.Node) -> None:
    """An escape can say what UTF-8 cannot."""
    if any("\ud800" <= letter <= "\udfff" for letter in node.value):
        raise _refusal(node.start_mark, f"{short_repr(node.value)} holds half a character")


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if key_node.tag != _TAG + "str":
            shown = short_repr(key) if isinstance(key, str) else "a key"
            raise _refusal(key_node.start_mark, f"{shown} is no text; put the key in quotes")
        _demand_whole(key_node)
        if key in made:
            raise _refusal(key_node.start_mark, f"the key {short_repr(key)} is there twice")
        made[key] = _value(loader, value_node)
    return made


def _refusal(mark: Any, why: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, why, mark)
