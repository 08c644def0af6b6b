"""Columns of a table whose cells are images, or paths of images: headers only are looked at."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence

from components.example_gen.formats import files
from components.example_gen.formats.csv.format import Csv
from components.example_gen.formats.format import Batch
from documents.shown import shown
from models.features.image.conversion import SUFFIXES
from pipeline.init.columns.cells import plain
from pipeline.init.columns.column import Column
from pipeline.init.images.images import ImagesReport, look_at, look_into

_AS_PATHS = ": write paths so, with folder and ending, as seen from the table"
_SHORTEST = 4
"""Signs of the name of a file without its ending; numbers that are shorter count something."""
_FOLDERS = 20
"""Beside the table, in which a file is looked for."""
_FIRST = 10
"""Cells, one of which has to be an image."""


class Photos:
    """The columns of paths and of images, as the first rows tell, and what was found in them."""

    def __init__(self, columns: Sequence[Column], first: Batch):
        """Chooses columns whose cells are called as images are, one of which at least is there, and
        those whose cells are images."""
        self.columns = [column for column in columns if _are_paths(first, column.name)]
        self.contents = [column for column in columns if _are_images(first, column.name)]
        of_images = (*self.columns, *self.contents)
        for column in of_images:
            column.images = ImagesReport()
        self._seen: dict[str, dict[bytes, tuple[str, str]]] = {of.name: {} for of in of_images}

    def add(self, batch: Batch, label: str) -> None:
        """Reads the files and images of some rows more."""
        for column in self.contents:
            self._look_into(column, batch, label)
        folder = os.path.dirname(batch.path) or "."
        for column in self.columns:
            report = column.images
            assert report is not None
            cells, labels = batch.cells[column.name], batch.cells[label]
            for line, cell, answer in zip(batch.lines, cells, labels, strict=True):
                text = plain(cell)
                path = text and files.below(folder, text)
                if not text:
                    report.refuse(f"line {line}", "names no image")
                elif not path:
                    report.refuse(text, "is no path below the folder of the table")
                elif problem := files.link_problem(path, folder):
                    report.refuse(path, problem)
                else:
                    look_at(path, plain(answer) or "", self._seen[column.name], report)

    def _look_into(self, column: Column, batch: Batch, label: str) -> None:
        report = column.images
        assert report is not None
        cells, labels = batch.cells[column.name], batch.cells[label]
        for line, cell, answer in zip(batch.lines, cells, labels, strict=True):
            column.rows += 1
            column.missing += cell is None
            where = f"line {line}"
            if isinstance(cell, bytes):
                seen = self._seen[column.name]
                look_into(cell, where, plain(answer) or "", seen, report)
            else:
                report.refuse(where, "holds no image")


def unseen(
    batch: Batch, names: Sequence[str], csv: Mapping[str, str], has_images: bool
) -> dict[str, str]:
    """Columns whose cells are called as images are, of which none is there: why, as the end of a
    sentence about the first cell.

    Args:
      csv: how the table is written, as the settings have it.
      has_images: whether a column has some that are there; then 51 is a number, though there is
        an image 51.jpg, too.
    """
    found = {}
    for name in names:
        texts = [text for text in map(plain, batch.cells[name]) if text]
        are_called_so = texts and all(text.lower().endswith(SUFFIXES) for text in texts)
        may_be = not has_images and texts and "." not in texts[0] and _are_names(texts, batch.path)
        if may_be and not are_called_so and (path := _elsewhere(texts[0], batch.path)):
            how = _written(name, texts[0], path, batch.path, csv)
            found[name] = f"holds {shown(repr(texts[0]))}, whose file is {path}{_AS_PATHS}{how}"
        elif are_called_so and not _are_paths(batch, name):
            why = _why(name, texts[0], batch.path, csv)
            found[name] = f"holds {shown(repr(texts[0]))}, {why}"
    return found


def _are_names(texts: Sequence[str], table: str) -> bool:
    """Whether cells are long enough to be names of files, or those of many that are there."""
    if len(texts[0]) >= _SHORTEST:
        return True
    some = [*dict.fromkeys(texts)][:_FIRST]
    return len(some) == _FIRST and all(_elsewhere(text, table) for text in some)


def _written(name: str, text: str, path: str, table: str, csv: Mapping[str, str]) -> str:
    """What writes `path` where the column holds `text`: a command for CSV; else nothing."""
    if not table.lower().endswith(Csv.SUFFIXES) or not files.is_local(table):
        return ""
    folder, _, ending = path.partition(text)
    table, new = os.path.abspath(table), os.path.join(os.path.dirname(table), "manifest.csv")
    given = {"sep": csv.get("delimiter", ","), "encoding": csv.get("encoding", "utf-8")}
    options = "".join(f", {key}={of!r}" for key, of in given.items() if of not in (",", "utf-8"))
    code = (
        f"import pandas; t = pandas.read_csv({table!r}, dtype=str, keep_default_na=False{options});"
        f" t[{name!r}] = {folder!r} + t[{name!r}]{f' + {ending!r}' if ending else ''};"
        f" t.to_csv({new!r}, index=False)"
    )
    is_plain = not {*code} & {*'"$`\\!'}
    command = f'python -c "{code}"' if is_plain else shlex.join(["python", "-c", code])
    return f", as {shown(command)} does, and take {shown(os.path.basename(new))} with --manifest"


def _elsewhere(text: str, table: str) -> str | None:
    """The image whose name without folder or ending is `text`, as seen from the table's folder."""
    folder = os.path.dirname(table) or "."
    if "/" in text or not files.is_local(table):
        return None
    for inner in ("", *files.folders(folder)[:_FOLDERS]):
        for suffix in ("", *SUFFIXES):
            path = os.path.join(inner, text + suffix)
            if path.lower().endswith(SUFFIXES) and os.path.isfile(os.path.join(folder, path)):
                return path
    return None


def _why(name: str, text: str, table: str, csv: Mapping[str, str]) -> str:
    folder = os.path.dirname(table) or "."
    if not files.is_local(text):
        return "an address: download the files and write their paths"
    if os.path.isabs(text) or ".." in text.split("/"):
        path = os.path.relpath(os.path.join(folder, text), folder)
        below = not path.startswith("..") and os.path.isfile(os.path.join(folder, path))
        as_here = f", here {path}" if below else ", and put the files there"
        return (
            f"which leads out of the folder of the table: write paths as seen from there{as_here}"
        )
    if "\\" in text and os.path.isfile(os.path.join(folder, text.replace("\\", "/"))):
        return "which is written with \\ between folders: write /"
    if there := _elsewhere(os.path.basename(text), table):
        how = _written(name, text, there, table, csv) if text in there else ""
        return f"whose file is {there}{_AS_PATHS}{how}"
    return f"and {shown(os.path.join(folder, text))} is not there"


def _are_images(batch: Batch, name: str) -> bool:
    cells = [cell for cell in batch.cells[name] if cell is not None]
    if not cells or not all(isinstance(cell, bytes) for cell in cells):
        return False
    report = ImagesReport()
    for cell in cells[:_FIRST]:
        look_into(cell, "", "", {}, report)
    return bool(report.sizes)


def _are_paths(batch: Batch, name: str) -> bool:
    texts = [text for text in map(plain, batch.cells[name]) if text]
    if not texts or not all(text.lower().endswith(SUFFIXES) for text in texts):
        return False
    folder = os.path.dirname(batch.path) or "."
    found = (files.below(folder, text) for text in texts)
    return any(path and os.path.isfile(path) for path in found)
