"""Plain values from YAML that people write: bounded, without tags that run code, no key twice.

PyYAML alone lets the last of two equal keys win, dies of nesting and of numbers that Python does
not read, and turns `2026-13-45` into a traceback. Dates are text here, and `1e-3` is a number, as
in YAML 1.2.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from documents.settings import yaml_text
from documents.settings.section import short, short_repr

LARGEST = 1 << 20
"""Bytes. The settings that ship have about a thousand."""

_DEEPEST = 32
_MOST_VALUES = 10_000
_TAG = "tag:yaml.org,2002:"
_TAGS = {
    yaml.ScalarNode: tuple(_TAG + kind for kind in ("str", "int", "float", "bool", "null")),
    yaml.SequenceNode: (_TAG + "seq",),
    yaml.MappingNode: (_TAG + "map",),
}
_KINDS = {"int": "whole number", "float": "number", "bool": "true or false"}
_MERGE = _TAG + "merge"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class YamlError(ValueError):
    """What is wrong, as the end of a sentence whose subject is where the YAML stands."""


def parse(content: bytes | str, key: str = "") -> Any:
    """The one value in `content`: dict with text as keys, list, str, int, float, bool or None.

    Args:
      content: bytes are a file's, UTF-8 or UTF-16 with a byte order mark, and messages name lines;
        text is one value, without comments.
      key: of the value, for messages about what is inside.

    Raises:
      YamlError: not YAML, not one value, too large, or one of its values cannot be a setting.
    """
    if len(content) > LARGEST:
        raise YamlError(f"is larger than {LARGEST >> 20} MiB, so it holds no settings")
    try:
        loader = _Loader(content)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        raise YamlError(_unreadable(error)) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = short(", ".join(filter(None, (error.context, error.problem))), 200)
        raise YamlError(f"is not valid YAML{_line(loader, mark)}: {problem}") from error
    except (ValueError, OverflowError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError(f"is not valid YAML: {short(error, 200)}") from error
    if node is None:
        return None
    if isinstance(content, str) and content.rstrip()[node.end_mark.index :].strip():
        raise YamlError("goes on after its value, with a comment: quote the value if # is in it")
    return _Values(loader).value(node, key)


class _Loader(yaml.SafeLoader):
    """Composes nodes, but neither without bound nor deeper than Python can follow."""

    def __init__(self, content: bytes | str):
        super().__init__(content)
        self.has_lines = isinstance(content, bytes)
        self._depth = 0
        self._count = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._depth += 1
        self._count += 1
        if self._depth > _DEEPEST:
            raise YamlError(f"is nested more than {_DEEPEST} deep")
        if self._count > _MOST_VALUES:
            raise YamlError(f"has more than {_MOST_VALUES} values")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in known if tag not in (_TAG + "timestamp", _TAG + "value")]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_TAG + "float", yaml_text.FLOAT, yaml_text.FIRST_OF_FLOAT)


class _Values:
    """Makes values of nodes, and counts them: an alias stands for as many as it repeats."""

    def __init__(self, loader: _Loader):
        self._loader = loader
        self._left = _MOST_VALUES

    def value(self, node: yaml.Node, key: str, depth: int = 1) -> Any:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            raise YamlError("repeats aliases too often, or one inside itself")
        if node.tag not in _TAGS[type(node)]:
            tag = short_repr(node.tag.replace(_TAG, "!!"))
            raise self._refusal(node, key, f"with the tag {tag}, which no setting takes")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key, depth)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(item, f"{key}.{index}" if key else str(index), depth + 1)
                for index, item in enumerate(node.value)
            ]
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node, key)

    def _mapping(self, node: yaml.MappingNode, key: str, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        nodes: dict[str, yaml.Node] = {}
        for name_node, node_of_value in node.value:
            if not isinstance(name_node, yaml.ScalarNode):
                raise self._refusal(name_node, key, "with a key that is no text")
            # As it is written: `on`, `1` and `null` are names here like any others.
            name = name_node.value
            inner = f"{key}.{name}" if key else name
            self._refuse_control_characters(name_node, name, inner)
            if name in nodes:
                first = _line(self._loader, nodes[name].start_mark)
                raise self._refusal(
                    name_node, inner, f"and before that{first}: two settings with one key"
                )
            nodes[name] = name_node
            value = self.value(node_of_value, inner, depth + 1)
            if name_node.tag == _MERGE:
                merged = self._merged(node_of_value, value, inner)
            else:
                own[name] = value
        return {**merged, **own}

    def _merged(self, node: yaml.Node, value: Any, key: str) -> dict[str, Any]:
        """What `<<` brings in: of several mappings the first that has a key counts."""
        merged: dict[str, Any] = {}
        for item in reversed(value if isinstance(value, list) else [value]):
            if not isinstance(item, dict):
                raise self._refusal(node, key, "but not with a mapping, or a list of them")
            merged |= item
        return merged

    def _scalar(self, node: yaml.ScalarNode, key: str) -> Any:
        try:
            value = self._loader.construct_object(node)
            # Python reads hexadecimal digits without bound, but writes none that many.
            if isinstance(value, int) and value.bit_length() > 63:
                raise OverflowError
        # PyYAML's constructors let Python's own errors through, whichever they are.
        except (yaml.YAMLError, ValueError, LookupError, OverflowError) as error:
            kind = _KINDS.get(node.tag.removeprefix(_TAG), "value")
            why = f"= {short_repr(node.value)}, which is no {kind} that fits into 64 bits"
            raise self._refusal(node, key, why) from error
        if isinstance(value, str):
            self._refuse_control_characters(node, value, key)
        return value

    def _refuse_control_characters(self, node: yaml.Node, text: str, key: str) -> None:
        found = _CONTROL.search(text)
        if found:
            raise self._refusal(node, key, f"with the control character {found[0]!r}")

    def _refusal(self, node: yaml.Node, key: str, why: str) -> YamlError:
        name = f"`{short(key)}`" if key else "a value"
        return YamlError(f"has {name}{_line(self._loader, node.start_mark)} {why}")


def _line(loader: _Loader, mark: Any) -> str:
    return f" in line {mark.line + 1}" if mark and loader.has_lines else ""


def _unreadable(error: yaml.reader.ReaderError) -> str:
    if error.encoding == "unicode":
        # What is no text at all, too, and UTF-16 without its mark.
        return f"has the character {chr(error.character)!r}, which no text has; save it as UTF-8"
    byte = error.character if isinstance(error.character, int) else error.character[0]
    return f"has the byte 0x{byte:02x}, which is not {error.encoding}; save it as UTF-8"
