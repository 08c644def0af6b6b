"""What `init` says of classes and of categories: how many there are of each. Pure."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from documents.shown import shown
from documents.terminal.counted import counted

_RARE = 10
_UNEVEN = 5
"""Examples of the most frequent class to one of the rarest, from which on it is told."""


def first_of(names: Sequence[str]) -> str:
    """The first ten, and how many there are beside them."""
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(map(shown, names[:10])) + more


def of_classes(counts: Counter[str]) -> list[str]:
    """Lines about the classes of a label, by the examples of each."""
    head = ", ".join(f"{shown(name)} {count:,}" for name, count in counts.most_common(10))
    more = f" and {len(counts) - 10} more" if len(counts) > 10 else ""
    rare = [name for name, count in counts.items() if count < _RARE]
    warning = (
        [f"rare           {len(rare)} of them with fewer than {_RARE} examples: {first_of(rare)}"]
        if rare
        else []
    )
    return [
        f"classes        {len(counts)}: {head}{more}",
        *that_are_alike(counts),
        *_imbalance(counts),
        *warning,
    ]


def that_are_alike(names: Iterable[str], of: str = "", what: str = "classes") -> list[str]:
    """Classes, or categories of a column, that are likely to be one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[_without_case(name)].append(name)
    same = [" and ".join(map(shown, group)) for group in groups.values() if len(group) > 1]
    return [f"alike?         {of}{first_of(same)}: write {what} alike that are one"] if same else []


def heads(counts: Counter[str]) -> str:
    """The most frequent words, with the rows of each."""
    head = (f"{shown(word)} in {counted(count, 'row')}" for word, count in counts.most_common(3))
    return ", ".join(head)


def _without_case(name: str) -> str:
    try:
        return f"{float(name):g}"
    except ValueError:
        return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _imbalance(counts: Counter[str]) -> list[str]:
    """How seldom the rarest class is, and what can be done about it."""
    (most, often), (least, seldom) = counts.most_common()[0], counts.most_common()[-1]
    if often < _UNEVEN * seldom:
        return []
    # Of 499 0 to one 1 nobody knows which are the numbers.
    of = "of class " if most[:1].isdigit() or least[:1].isdigit() else ""
    return [
        f"imbalance      {often / seldom:,.0f} {of}{shown(most)} to one {of}{shown(least)}; always"
        f" saying {shown(most)} is right in {often / sum(counts.values()):.1%}: consider"
        " training.class_weights: balanced"
    ]
