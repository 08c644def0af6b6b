"""The files that `init` writes: settings, and the list of what a person should look at. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from documents.settings.yaml_text import yaml_text
from documents.shown import shown
from documents.terminal.counted import counted
from pipeline.init.class_order import in_order
from pipeline.init.columns.findings import nothing_in
from pipeline.init.images.idx import IdxReport
from pipeline.init.images.images import ImagesReport
from pipeline.init.limits import max_drop, quarantine
from pipeline.init.tables.report import TableReport
from pipeline.init.tables.split_column import needs_eval
from pipeline.init.training import IMAGE_STEPS, TABLE_STEPS, stopping, training
from pipeline.sections.metric_defaults import usual_metrics

_FOR_TABLES = {"learning_rate": 1e-3, "label_smoothing": 0.0}
"""Small tables are soon learned by heart. Measured by `make bench-data`."""


def of_images(name: str, folder: str, report: ImagesReport) -> dict[str, Any]:
    """Settings for a folder of images."""
    data: dict[str, Any] = {"format": "image_folder", "files": folder}
    if report.has_splits:
        data["split"] = {"by": "column", "column": "folder", "eval_from_train": report.needs_eval}
    if report.bad_files:
        total = report.bad_files + sum(report.classes.values())
        data["quarantine"] = quarantine(report.bad_files / total, total)
    return _of_pictures(name, data, {"values": in_order(report.classes)}, report)


def of_idx(name: str, folder: str, report: IdxReport) -> dict[str, Any]:
    """Settings for a folder of IDX files."""
    data = {"format": "idx", "files": folder, **report.data}
    return _of_pictures(name, data, report.values, report)


def _of_pictures(
    name: str, data: dict[str, Any], values: dict[str, Any], report: ImagesReport
) -> dict[str, Any]:
    count = sum(report.classes.values())
    return {
        "name": name,
        "data": data,
        "features": {"image": report.feature},
        "label": {"name": "label", "kind": "classes", **values},
        "training": {**training(count, IMAGE_STEPS), "augment": False},
        "evaluation": {"metrics": usual_metrics("classes", [*report.classes], max_drop(count))},
    }


def of_table(name: str, path: str, report: TableReport) -> dict[str, Any]:
    """Settings for a table, or for a manifest."""
    label = _label(report)
    metrics = usual_metrics(label["kind"], label.get("values"), max_drop(report.label.rows))
    return {
        "name": name,
        "data": _data(path, report),
        "features": _features(report),
        "label": label,
        "training": _training(report),
        "evaluation": {"metrics": metrics},
    }


def _data(path: str, report: TableReport) -> dict[str, Any]:
    data: dict[str, Any] = {"format": report.format, "files": path}
    if report.csv:
        data["csv"] = report.csv
    if report.split:
        column, rows = report.split
        data["split"] = {"by": "column", "column": column, "eval_from_train": needs_eval(rows)}
    total = report.label.rows + report.bad_rows
    if share := _lost(report) / total + _bad_cells(report):
        data["quarantine"] = quarantine(share, total)
    if report.pixels:
        data |= {"format": "pixels", "pixels": report.pixels.settings}
    return data


def _lost(report: TableReport) -> int:
    """How many rows nothing can be learned from: without a label a row is of no use."""
    lost = report.bad_rows + len(report.totals) + (0 if report.tags else report.label.missing)
    if not report.tags and not report.has_classes:
        lost += report.label.no_numbers + sum(report.label.nothing.values())
    return lost + max((of.images.bad_files for of in report.columns if of.images), default=0)


def _bad_cells(report: TableReport) -> float:
    """The share of rows, at most, that cells of features cost which nobody can read."""
    if report.pixels:
        return 0
    return sum(of.bad for of in report.columns[:-1] if of.name not in report.ignored)


def _features(report: TableReport) -> dict[str, Any]:
    features = {
        column.name: {"kind": "ignore"} if column.name in report.ignored else column.proposal[0]
        for column in report.columns[:-1]
    } | {name: {"kind": "ignore"} for _, name in report.nameless if name}
    if not report.pixels:
        return features
    others = [name for name in features if name not in report.pixels.names]
    return {"image": report.pixels.feature, **{name: {"kind": "ignore"} for name in others}}


def _label(report: TableReport) -> dict[str, Any]:
    label: dict[str, Any] = {"name": report.label.name}
    if report.tags:
        label |= {"kind": "tags", "values": in_order(report.tags)}
        label |= {"separator": report.separator} if report.separator else {}
        label |= {"missing": sorted(report.no_tags)} if report.no_tags else {}
    elif report.has_classes:
        label |= {"kind": "classes", "values": report.names or in_order(report.label.values)}
    else:
        notation = report.label.label_notation or report.label.notation
        label |= {"kind": "number", **notation.settings, **report.label.missing_settings}
    return label


def _training(report: TableReport) -> dict[str, Any]:
    rounds = training(report.label.rows, IMAGE_STEPS if report.pixels else TABLE_STEPS)
    has_images = bool(report.pixels) or any(column.images for column in report.columns)
    return {
        **rounds,
        **({} if report.pixels else _FOR_TABLES),
        **({} if has_images else stopping(report.label.rows, rounds["epochs"])),
        **({"augment": False} if has_images else {}),
    }


def settings_text(settings: dict[str, Any], source: str) -> str:
    """The settings as YAML."""
    body = yaml_text(settings)
    return (
        f"# Drafted from {source}: look through it once; see review.csv, and docs/settings.md for"
        f" every key.\n{body}"
    )


def review_of_images(report: ImagesReport) -> str:
    """What to look at: one line a finding."""
    rows = [*_files(report)]
    rows += [
        ("class", name, counted(count, "image")) for name, count in sorted(report.classes.items())
    ]
    rows += [("class", name, "no image: it is left out") for name in report.empty]
    return _csv(rows)


def _files(report: ImagesReport) -> Iterator[tuple[str, str, str]]:
    for path, reason in report.bad:
        yield "file", path, reason
    for path, other in report.contradicting:
        yield "file", path, f"has the same content as {other}, of another class"


def review_of_table(report: TableReport) -> str:
    """What to look at: one line a column, and the rows that cannot be read."""
    rows = []
    pixels = report.pixels.names if report.pixels else ()
    if report.pixels:
        rows.append(("columns", f"{pixels[0]} to {pixels[-1]}", report.pixels.said))
    for column in report.columns[:-1]:
        if column.name in pixels:
            continue
        kind, why = column.proposal
        if column.name in report.leaks:
            kind, why = (
                {"kind": "ignore"},
                (
                    f"alone predicts the label (strength {report.leaks[column.name]:.3f}):"
                    " is it known when a prediction is asked for?"
                ),
            )
        if column.name in report.parts:
            others = ", ".join(of for of in report.parts if of != column.name)
            why = f"makes the label together with {others}: is it known when one asks?"
            kind = {"kind": "ignore"}
        if report.split and column.name == report.split[0]:
            kind, why = {"kind": "ignore"}, "names the split of each row; see data.split"
        if column.name in report.counters:
            kind, why = {"kind": "ignore"}, "the number of the row; make it number if it is more"
        # What stands for nothing among numbers is a category like any other.
        words = column.nothings if kind["kind"] == "category" else {}
        lost = column.missing - sum(words.values())
        missing = f"; missing in {lost:,} of {counted(column.rows, 'row')}" if lost else ""
        if words:
            missing += f"; {shown(next(iter(words)))} is one more, in {sum(words.values()):,} rows"
        told = "".join(f"; {of}" for of in nothing_in(column) if "missing" in kind)
        rows.append(("column", column.name, f"{kind['kind']}: {why}{missing}{told}"))
    if report.flags:
        rows.append(("label", "of kind tags", json.dumps(_of_flags(report), ensure_ascii=False)))
    rows += [("line", str(line), reason) for line, reason in report.bad]
    rows += [("line", str(line), f"{of}: does it sum up the others?") for line, of in report.totals]
    for column in report.columns:
        rows += _files(column.images) if column.images else ()
    return _csv(rows)


def _of_flags(report: TableReport) -> dict[str, Any]:
    """The label of columns that may all be answers; as JSON it is YAML to paste."""
    names = [report.label.name, *report.flags]
    taken = {column.name for column in report.columns}
    name = next(of for of in ("tags", "label", "all_tags", "_tags_") if of not in taken)
    return {"name": name, "kind": "tags", "values": names, "flags": {of: of for of in names}}


def _csv(rows: Iterable[tuple[str, str, str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("what", "which", "finding"), *rows])
    return text.getvalue()
