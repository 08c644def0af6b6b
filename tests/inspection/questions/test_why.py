"""Why: the answer that fits what is asked about, for the command line and for Python."""

from __future__ import annotations

import pytest

import inspection
from inspection.questions.executions.cache import CacheAnswer
from inspection.questions.executions.execution import ExecutionAnswer
from inspection.questions.executions.failure import FailureAnswer
from inspection.questions.fate.fate import Fate
from tests.inspection.store_writer import Out


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("s1", CacheAnswer, 0),
        ("s2", FailureAnswer, 1),
        ("latest", FailureAnswer, 1),
        ("a1", Fate, 0),
        ("s3", ExecutionAnswer, 1),
        ("r2", Fate, 0),
    ],
)
def test_each_record_has_an_answer_of_its_own(store, ask, name, kind, code):
    made = store.run("p", "1").node("Trainer", {}, {"model": Out("Model")})
    if name != "r2":
        store.run("p", "1").node("Evaluator", made, {}, state="failed")
    store.execution("my.Train", [], state="canceled")
    answer = inspection.open_store(store.root).why(name)
    assert type(answer) is kind
    assert ask("why", name, code=code).startswith(answer.headline)
