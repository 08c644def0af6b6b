"""Which span and version of the input to take, and why none fits. Pure but for the listing.

A pattern such as `span-{SPAN}/v{VERSION}/train-*` names one set of files per span (a batch of data,
numbered) and version (a correction of a span). The syntax is TFX's:
https://www.tensorflow.org/tfx/guide/examplegen
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping

_SPECIFICATION = re.compile(r"\{(SPAN|VERSION)(?::(\d+))?\}|\{(YYYY|MM|DD)\}")
_EPOCH = datetime.date(1970, 1, 1)

Found = Collection[tuple[int, "int | None"]]
"""The (span, version) pairs for which a split has files; no version where the pattern has none."""


class SpanError(ValueError):
    """No span fits, the one that fits is incomplete, or a pattern cannot be read."""


def has_spans(pattern: str) -> bool:
    """Whether `pattern` names a span: by number or by date."""
    return bool(_SPECIFICATION.search(pattern))


def check_pattern(pattern: str) -> None:
    """Refuses what would fit no file, or files elsewhere.

    Raises:
      SpanError: neither one {SPAN} nor one each of {YYYY}, {MM}, {DD}; two {VERSION}; other braces;
        a path that leaves the folder; wildcards other than * and ?.
    """
    if pattern.startswith("/") or ".." in pattern.split("/"):
        raise SpanError(
            f"{pattern!r} must lie below data.folder: it may neither begin with / nor lead up "
            "with .. in it."
        )
    if set(pattern) & set("[]\\"):
        raise SpanError(f"{pattern!r} has no wildcards but * and ?, so no [, ] or backslash.")
    names = [found[1] or found[3] for found in _SPECIFICATION.finditer(pattern)]
    spans = [name for name in names if name != "VERSION"]
    if spans != ["SPAN"] and sorted(spans) != ["DD", "MM", "YYYY"]:
        raise SpanError(
            f"{pattern!r} must hold {{SPAN}} once, or {{YYYY}}, {{MM}} and {{DD}} once each."
        )
    if names.count("VERSION") > 1:
        raise SpanError(f"{pattern!r} holds {{VERSION}} more than once.")
    rest = _SPECIFICATION.sub("", pattern)
    if set(rest) & set("{}"):
        raise SpanError(
            f"{pattern!r} holds braces other than {{SPAN}}, {{VERSION}}, {{YYYY}}, {{MM}}, {{DD}} "
            "and widths such as {SPAN:3}."
        )


def find(
    base: str, pattern: str, glob: Callable[[str, str], Iterable[str]]
) -> dict[tuple[int, int | None], list[str]]:
    """The files that `pattern` below `base` has, by span and version: something Found.

    Args:
      glob: paths that fit a pattern with wildcards below a folder, whose name is no pattern.
    """
    wildcards = _SPECIFICATION.sub("*", pattern)
    below = "".join(_as_expression(part) for part in _parts(pattern))
    expression = re.compile(re.escape(os.path.join(base, "")) + below)
    found: dict[tuple[int, int | None], list[str]] = {}
    for path in glob(base, wildcards):
        matched = expression.fullmatch(path)
        span = _span(matched.groupdict()) if matched else None
        if matched and span is not None:
            version = matched.groupdict().get("VERSION")
            number = None if version is None else int(version)
            found.setdefault((span, number), []).append(path)
    return found


def folders(
    base: str, patterns: Iterable[str], glob: Callable[[str, str], Iterable[str]]
) -> set[tuple[int, int | None]]:
    """The spans that have a folder of their own on this machine, whether or not anything in it fits
    the pattern: it is made before its files arrive.

    Args:
      patterns: of files; those of spans that are one file have no folder.
      glob: as of `find`.
    """
    found: set[tuple[int, int | None]] = set()
    for pattern in patterns if "://" not in base else ():
        end = max((of.end() for of in _SPECIFICATION.finditer(pattern)), default=len(pattern))
        cut = pattern.find("/", end)
        if cut >= 0:
            there = find(base, pattern[:cut], glob)
            found |= {span for span, paths in there.items() if any(map(os.path.isdir, paths))}
    return found


def choose(
    found: Mapping[str, Found], wanted: int | None, *, where: str, folders: Found = ()
) -> tuple[int, int | None]:
    """The span to take and its highest version: `wanted`, or the highest that any split has.

    An incomplete span is never passed over in silence: it may be about to arrive.

    Args:
      found: by split.
      where: the folder and the pattern, for people.
      folders: spans that have one, with or without files.

    Raises:
      SpanError: there is no span, not the wanted one, or a split lacks it.
    """
    there = {*folders}.union(*found.values())
    every = {span for span, _ in there}
    if not every:
        raise SpanError(f"No span in {where}; check data.files, or data.folder and data.pattern.")
    if wanted is not None and wanted not in every:
        raise SpanError(
            f"data.span = {wanted} is not there: {where} has {_listed(every)}; choose one of them, "
            "or leave data.span out for the latest."
        )
    span = max(every) if wanted is None else wanted
    versions = {version for a_span, version in there if a_span == span}
    version = max(versions, key=lambda number: -1 if number is None else number)
    lacking = sorted(split for split, pairs in found.items() if (span, version) not in pairs)
    if lacking:
        name = f"Span {span}" if version is None else f"Version {version} of span {span}"
        complete = {s for s in every if all(any(s == a for a, _ in p) for p in found.values())}
        others = _listed(complete - {span}) if complete - {span} else "none"
        raise SpanError(
            f"{name} in {where} has no files for {', '.join(lacking)}; add them, wait until it is "
            f"complete, or set data.span (complete: {others})."
        )
    return span, version


def _listed(spans: Iterable[int]) -> str:
    numbers = sorted(spans)
    shown = ", ".join(str(number) for number in numbers[-10:])
    before = f"{len(numbers) - 10} more and " if len(numbers) > 10 else ""
    return f"span {shown}" if len(numbers) == 1 else f"spans {before}{shown}"


def _parts(pattern: str) -> list[str]:
    cuts = [0]
    for found in _SPECIFICATION.finditer(pattern):
        cuts += [found.start(), found.end()]
    return [
        pattern[start:stop] for start, stop in zip(cuts, [*cuts[1:], len(pattern)], strict=True)
    ]


def _as_expression(part: str) -> str:
    found = _SPECIFICATION.fullmatch(part)
    if not found:
        return re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    name, width, date = found.groups()
    if date:
        return f"(?P<{date}>[0-9]{{{len(date)}}})"
    return f"(?P<{name}>[0-9]{{{width}}})" if width else f"(?P<{name}>[0-9]+)"


def _span(groups: Mapping[str, str]) -> int | None:
    if "SPAN" in groups:
        return int(groups["SPAN"])
    try:
        day = datetime.date(int(groups["YYYY"]), int(groups["MM"]), int(groups["DD"]))
    except ValueError:
        return None
    return (day - _EPOCH).days
