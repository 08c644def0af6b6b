"""The questions in Python; the page about them is run."""

from __future__ import annotations

import doctest
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

import inspection
from inspection.answer import MOST_SHOWN
from inspection.history.ids import UnknownIdError
from inspection.store import StoreError
from tests.inspection.hostile import make_hostile
from tests.inspection.recorded_runs import RECORDED

PAGE = Path(__file__).parents[2] / "docs" / "inspection_python.md"


@pytest.mark.medium
def test_the_page_of_examples_is_true(tmp_path, monkeypatch):
    shutil.copytree(RECORDED, tmp_path / "workspace")
    monkeypatch.chdir(tmp_path)
    with pandas.option_context("display.width", 120, "display.max_columns", 20):
        found = doctest.testfile(
            str(PAGE),
            module_relative=False,
            optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
        )
    assert found.attempted > 20
    assert found.failed == 0


QUESTIONS: dict[str, Callable[[inspection.Store], Any]] = {
    "runs": lambda store: store.runs(),
    "serving": lambda store: store.serving()[0],
    "why a run": lambda store: store.why("r24"),
    "why a step": lambda store: store.why("s26"),
    "why it failed": lambda store: store.why("latest"),
    "why a model": lambda store: store.why("a7"),
    "diff": lambda store: store.diff("r2", "r24"),
    "lineage": lambda store: store.lineage("a1", "down"),
    "origin": lambda store: store.origin("a7"),
    "drift": lambda store: store.drift("test_accuracy"),
    "compare": lambda store: store.compare("a7", "a15"),
    "rebuild": lambda store: store.rebuild("a7"),
    "garbage": lambda store: store.garbage(),
    "executions": lambda store: store.browse("executions"),
    "types": lambda store: store.browse("types"),
}


@pytest.fixture(scope="module")
def store() -> inspection.Store:
    return inspection.open_store(RECORDED)


@pytest.mark.medium
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_a_sentence_and_a_table(store, question):
    answer = QUESTIONS[question](store)
    table = answer.to_pandas()
    assert isinstance(table, pandas.DataFrame)
    assert len(table) > 0 or question == "garbage"
    shown = answer._repr_html_()
    assert answer.headline
    assert shown.count("<tr>") == (min(len(table), MOST_SHOWN) + 1 if len(table) else 0)


def test_what_a_store_says_is_text_in_a_notebook(tmp_path):
    hostile = inspection.open_store(make_hostile(RECORDED, tmp_path / "workspace"))
    for answer in (hostile.runs(), hostile.browse("artifacts"), hostile.lineage("a1")):
        assert "<script" not in answer._repr_html_()
        assert "<img" not in answer._repr_html_()


def test_mistakes_are_sentences(store):
    with pytest.raises(StoreError, match="There is no metadata store"):
        inspection.open_store("/nowhere")
    with pytest.raises(UnknownIdError, match="There is no artifact a999"):
        store.why("a999")
    with pytest.raises(ValueError, match="is no time"):
        store.serving(at="soon")
    with pytest.raises(ValueError, match="is no age"):
        store.garbage(older_than="soon")
    with pytest.raises(AttributeError, match="has no attribute"):
        _ = inspection.nothing


@pytest.mark.medium
def test_it_needs_no_tensorflow():
    code = (
        "import sys, inspection; "
        f"print(inspection.open_store({str(RECORDED)!r}).runs().headline); "
        "assert not {'tensorflow', 'tfx', 'ml_metadata', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("root", ["minio://mlpipeline/v2", "gs://", "https://host/runs"])
def test_a_root_of_which_nothing_can_be_read_is_refused(root: str) -> None:
    with pytest.raises(ValueError, match=r"root '.*' is no folder; name one, or gs://BUCKET/… or"):
        inspection.open_store(RECORDED, root=root)
