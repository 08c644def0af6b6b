"""Whether a label holds several tags at once, and which. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from models.labels.tags.kind import listed
from pipeline.init.columns.column import Column

_NOTHING = re.compile(
    r"(?:no|not|none|nothing|without|keine?|ohne|aucune?|ning[uú]na?|nessuna?) \S.*"
    r"|un(?:tagged|label+ed|categori[sz]ed)|[(\[<].+[)\]>]",
    re.IGNORECASE,
)
_FLAGS = ({"0", "1"}, {"0.0", "1.0"}, {"false", "true"}, {"no", "yes"}, {"n", "y"}, {"f", "t"})
MOST = 100
"""Tags; a column of more is taken for texts."""
_SURE, _LIKELY = "|", (";", ",")
"""What stands between tags, and what may as well stand in the name of a class."""


def tags_of(column: Column) -> tuple[Counter[str], str | None]:
    """Tags with the rows of each, and what stands between them where that is a sign.

    No tags where cells hold one class each.
    """
    if column.lists:
        return _few(column.items), None
    if column.overflows or column.is_number:
        return Counter(), None
    lists = {value: listed(value) for value in column.values}
    if all(of == [value[1:-1]] for value, of in lists.items()):
        lists = {}  # one word in brackets each, such as <none>, is a class that is called so
    if lists and all(isinstance(found, list) for found in lists.values()):
        return _few(_counted((lists[value], column.values[value]) for value in lists)), None
    if any(value.startswith("{") and isinstance(of, list) for value, of in lists.items()):
        # Whoever may choose several writes one alone as a word.
        cells = ((of if isinstance(of, list) else [value]) for value, of in lists.items())
        return _few(_counted(zip(cells, column.values.values(), strict=True))), None
    for separator in (_SURE, *_LIKELY):
        split = [value for value in column.values if separator in value]
        tags = _counted((value.split(separator), count) for value, count in column.values.items())
        # Names with a comma in them stand alone seldom, and make more parts than there are cells.
        alone = sum(tag in column.values for tag in tags)
        is_likely = len(tags) < len(column.values) and alone > len(tags) / 2
        if len(split) > 1 and (separator == _SURE or is_likely):
            tags = _few(tags)
            return tags, separator if tags else None
    return Counter(), None


def nothing_of(column: Column, tags: Counter[str]) -> Counter[str]:
    """Of the tags those that say that there is none, such as `(no genres listed)`: they are called
    so, and never stand beside another."""
    said = {tag for tag in tags if _NOTHING.fullmatch(tag)}
    if column.overflows or len(said) == len(tags):
        return Counter()
    alone: Counter[str] = Counter()
    for value, count in column.values.items():
        cell = listed(value)
        tag = cell[0] if isinstance(cell, list) and len(cell) == 1 else value
        alone[tag.strip() if tag.strip() in tags else value.strip()] += count
    return Counter({tag: tags[tag] for tag in tags if tag in said and alone[tag] == tags[tag]})


def words_of(column: Column) -> int:
    """How many different words classes are made of, if the same ones stand in several orders, as
    tags do: `java web` and `web java`; else 0."""
    several = [value.split() for value in column.values if " " in value]
    found = {word for words in several for word in words}
    in_orders = len(several) - len({frozenset(words) for words in several})
    alone = sum(word in column.values for word in found)
    is_likely = in_orders > 1 and 2 * len(found) < len(column.values) and 2 * alone > len(found)
    return len(found) if is_likely else 0


def flags_of(label: Column, features: Sequence[Column]) -> list[str]:
    """Columns that hold the same two words for yes and no as the label, and are called as it is, or
    stand beside nothing but images or texts: each may be a tag. Nothing where there are fewer than
    two, beside the label; of images one is enough."""
    words = {value.lower() for value in label.values}
    if words not in _FLAGS:
        return []
    found = [of.name for of in features if {value.lower() for value in of.values} == words]
    prefix = _prefix(label.name)
    alike = [name for name in found if prefix and _prefix(name) == prefix]
    if len(alike) > 1:
        return alike
    others = [of.proposal[0]["kind"] for of in features if of.name not in found]
    is_all = {*others} <= {"text", "image", "ignore"}
    # Whoever tags images has no other columns beside; of texts one more may be known.
    is_one = is_all and ("image" in others or ("text" in others and len(found) > 1))
    return found if is_one else []


def _prefix(name: str) -> str:
    head, sign, _ = re.sub(r"[ .:-]", "_", name).partition("_")
    return head if sign and len(head) > 1 else ""


def _counted(cells: Iterable[tuple[Iterable[str], int]]) -> Counter[str]:
    tags: Counter[str] = Counter()
    for found, count in cells:
        for tag in {tag.strip() for tag in found} - {""}:
            tags[tag] += count
    return tags


def _few(tags: Counter[str]) -> Counter[str]:
    return tags if len(tags) <= MOST else Counter()
