"""An answer as people and scripts read it: the headline first, evidence below, or JSON."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from documents.document import Part
from documents.figure import measured
from documents.shown import cut, shown, shown_lines

MOST_WIDE, LONGEST = 160, 10_000
"""How many characters of a cell are shown, and how many of one at the end of its line."""
AT_ONCE = 500
"""So many records are written in one piece."""


@dataclasses.dataclass(frozen=True)
class Reply:
    """What a command says."""

    headline: str
    document: Any
    """The answer's dataclass, or what JSON has."""
    lines: tuple[str, ...] = ()
    code: int = 0
    """The exit code."""
    raw: bool = False
    """Whether the lines are a document of their own, such as a diagram: then only they count."""


def as_text(reply: Reply) -> str:
    """Headline and evidence, safe for a terminal whatever the store holds."""
    lines = [clean(line) for line in reply.lines]
    # The answer is the first line, whatever a name in it holds.
    return "\n".join(lines if reply.raw else (shown(reply.headline), *lines))


@dataclasses.dataclass(frozen=True)
class Many:
    """Records in a document that are too many to hold at once: JSON has one on each line."""

    of: Iterable[Any]
    """Dataclasses of one kind, whose fields are numbers, texts, times and flat mappings."""

    def as_lines(self) -> Iterator[str]:
        """A line for each record, some hundred in one text with commas between them."""
        # Ten times as fast as json, and only worth the import for very many.
        import orjson

        records = iter(self.of)
        while some := list(itertools.islice(records, AT_ONCE)):
            found = orjson.dumps(some, default=_in_record)
            if found.isascii():
                # No text holds this: where it has a quote, that is escaped, or its end.
                first = f'{{"{dataclasses.fields(some[0])[0].name}":'
                yield found[1:-1].decode().replace(f"}},{first}", f"}},\n  {first}")
                continue
            # Whatever could steer a terminal is written out, as json does.
            lines = (orjson.dumps(record, default=_in_record) for record in some)
            yield ",\n  ".join(
                line.decode() if line.isascii() else json.dumps(orjson.loads(line))
                for line in lines
            )


def as_json(reply: Reply, damage: Collection[str] = ()) -> Iterator[str]:
    """One JSON object piece by piece; the headline is its `answer`.

    Args:
      reply: to the question.
      damage: a sentence on each file that was passed over; they are `damaged` in the object.
    """
    document = reply.document
    if not isinstance(document, Mapping):
        document = plain(document)
    if not isinstance(document, Mapping):
        document = {"items": document}
    found = {"damaged": list(damage)} if damage else {}
    before = "{\n"
    for name, value in {"answer": reply.headline, **document, **found}.items():
        yield f"{before} {json.dumps(str(name))}: "
        before = ",\n"
        if isinstance(value, Many):
            comma = ""
            yield "["
            for lines in value.as_lines():
                yield f"{comma}\n  {lines}"
                comma = ","
            yield "\n ]"
        else:
            yield json.dumps(plain(value), indent=1).replace("\n", "\n ")
    yield "\n}\n"


def _in_record(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: found if type(found) in (str, int) else plain(found)
            for key, found in value.items()
        }
    return plain(value)


def plain(value: Any) -> Any:
    """Dataclasses as objects, times as ISO 8601, infinite numbers as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {name: plain(found) for name, found in fields.items()}
    if isinstance(value, Part):
        return plain(value.as_written())
    if isinstance(value, Mapping):
        return {str(key): plain(found) for key, found in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(found) for found in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return str(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def clean(text: str) -> str:
    """Without control characters: a name in a store could move the cursor or change colours."""
    return shown_lines(text)


def number(value: float | None) -> str:
    """What was measured; empty for None."""
    return "" if value is None else measured(value)


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    """Columns as wide as their widest cell, which is cut where others stand behind it; nothing
    without rows."""
    longest = [*[MOST_WIDE] * (len(header) - 1), LONGEST]
    cells = [
        [
            "" if cell is None else cut(shown(cell), most)
            for cell, most in zip(row, longest, strict=True)
        ]
        for row in rows
    ]
    header = [cut(shown(name), most) for name, most in zip(header, longest, strict=True)]
    if not cells:
        return ()
    widths = [max(len(row[column]) for row in [header, *cells]) for column in range(len(header))]
    return tuple(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [list(header), *cells]
    )
