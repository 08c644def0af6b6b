"""Settings in the text of a YAML file, changed where they stand: comments and layout stay. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

import yaml

from pipeline import yaml_values


class EditError(ValueError):
    """The file is written in a way in which a setting cannot be changed in its place."""


def edited(text: str, changes: Mapping[str, Any]) -> str:
    """The text with other values by dotted key; what is not there is added to its section.

    Raises:
      EditError: the result would not say what is wanted, as where a value is an alias.
    """
    wanted = yaml_values.parse(text.encode())
    for key, value in changes.items():
        text = _set(text, key.split("."), value)
        _apply(wanted, key.split("."), value)
    try:
        found = yaml_values.parse(text.encode())
    except yaml_values.YamlError as error:
        raise EditError("its layout does not allow it") from error
    if found != wanted:
        raise EditError("anchors, aliases or its layout stand in the way")
    return text


def unified_diff(before: str, after: str, path: str) -> str:
    """As `diff -u` has it."""
    return "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), path, path
        )
    )


def written(value: Any) -> str:
    """A value as YAML, and so as `--set` takes it, on one line."""
    return json.dumps(value, ensure_ascii=False)


def _apply(document: dict[str, Any], parts: list[str], value: Any) -> None:
    """The same to what the text says."""
    *parents, last = parts
    for parent in parents:
        inner = document.get(parent)
        if inner is None:
            inner = document[parent] = {}
        document = inner
        if not isinstance(document, dict):
            raise EditError(f"{parent} is no section there")
    document[last] = value


def _set(text: str, parts: list[str], value: Any) -> str:
    """One value in its place, or a line for it."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise EditError("it is no YAML that can be changed in its place") from error
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise EditError("it is no mapping of one setting a line")
    place: yaml.MappingNode = root
    for depth, part in enumerate(parts):
        pair = next((pair for pair in place.value if pair[0].value == part), None)
        if pair is None:
            return _added(text, place, parts[depth:], value, is_root=place is root)
        node = pair[1]
        if depth == len(parts) - 1:
            return _replaced(text, pair[0], node, written(value))
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
            rest: Any = value
            for name in reversed(parts[depth + 1 :]):
                rest = {name: rest}
            return _replaced(text, pair[0], node, written(rest))
        if not isinstance(node, yaml.MappingNode):
            raise EditError(f"{'.'.join(parts[: depth + 1])} is no section there")
        place = node
    return text


def _replaced(text: str, key: yaml.Node, node: yaml.Node, value: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    if node.start_mark.index < key.end_mark.index:
        raise EditError("anchors stand in the way")  # An alias is where its anchor is.
    if start == end:
        return f"{text[:start].rstrip(' ')} {value}{text[start:]}"
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        # A block ends where the next one begins, and has the comments between them.
        return f"{text[: key.end_mark.index]}: {value}{text[_end_of(text, node) :]}"
    return f"{text[:start]}{value}{text[end:]}"


def _added(
    text: str, place: yaml.MappingNode, parts: list[str], value: Any, *, is_root: bool
) -> str:
    rest: Any = value
    for name in reversed(parts[1:] if not is_root else parts[2:]):
        rest = {name: rest}
    if is_root and len(parts) > 1:
        end = "" if text.endswith("\n") or not text else "\n"
        return f"{text}{end}\n{parts[0]}:\n  {parts[1]}: {written(rest)}\n"
    if is_root:
        end = "" if text.endswith("\n") or not text else "\n"
        return f"{text}{end}{parts[0]}: {written(rest)}\n"
    if place.flow_style:
        last = place.end_mark.index - 1
        between = ", " if place.value else ""
        return f"{text[:last].rstrip(' ')}{between}{parts[0]}: {written(rest)}{text[last:]}"
    _, last_value = place.value[-1]
    indent = " " * place.value[0][0].start_mark.column
    after = _end_of(text, last_value)
    line = f"{indent}{parts[0]}: {written(rest)}"
    return f"{text[:after]}\n{line}{text[after:]}"


def _end_of(text: str, node: yaml.Node) -> int:
    """Where the last line of a value ends, with a comment behind it and without its newline."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return len(text[:end].rstrip("\n"))
    newline = text.find("\n", end)
    return len(text) if newline < 0 else newline
