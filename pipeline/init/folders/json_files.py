"""Files of JSON, whose names do not tell whether there is an object on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from components.example_gen.formats import files
from components.example_gen.formats.format import FormatError
from documents.shown import shown
from pipeline.init.folders.no_images import is_coco

_HEAD = 1 << 20
_LISTS = re.compile(rb'"(\w{1,60})"\s*:\s*\[\s*\{')
"""Of objects, by a name."""


def of_objects(paths: Sequence[str], label: str) -> list[str]:
    """The files, each of which has an object on each line.

    Raises:
      FormatError: one is a list, or an object of lists.
    """
    for path in paths:
        with files.opened(path) as stream:
            head = stream.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
        if head.startswith(b"["):
            raise FormatError(
                f"{shown(path)} is one list of JSON; write each object on a line of its own, as"
                f" JSON Lines have it: {_lines_of('')}."
            )
        if is_coco(Path(path)):
            raise FormatError(
                f"{shown(path)} lists images and what is seen in them, as COCO does;"
                " docs/other_files.md (Boxes in images) has the lines that make a folder for each"
                " class of it, for --images."
            )
        lists = [*_LISTS.finditer(head)]
        line, _, rest = head.partition(b"\n")
        if lists and not (rest.strip() and _is_json(line)):
            at = head.find(json.dumps(label).encode())
            before = [of for of in lists if of.start() < at] or lists[:1]
            name = before[-1][1].decode("utf-8", "replace")
            raise FormatError(
                f"{shown(path)} is one object of JSON that holds lists; write each object of one of"
                f" them on a line of its own, as JSON Lines have it: {_lines_of(f'[{name!r}]')}."
            )
    return [*paths]


def _lines_of(key: str) -> str:
    """The command that writes a list of a file so."""
    return (
        'python -c "import json; [print(json.dumps(of)) for of in'
        f" json.load(open('FILE', encoding='utf-8')){key}]\" > NEW.jsonl"
    )


def _is_json(line: bytes) -> bool:
    """Whether a line is one by itself, as each of JSON Lines is."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
