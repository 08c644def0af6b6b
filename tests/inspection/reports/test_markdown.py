"""A run as the comment of a CI job."""

from __future__ import annotations

import json
import re

from inspection.__main__ import main
from tests.inspection.hostile import make_hostile
from tests.inspection.recorded_runs import FAILED, PUSHED, RECORDED, SLICE


def report(run: str, capsys, root=RECORDED, *more: str) -> str:
    assert main(["report", run, "--markdown", "--store", str(root), *more]) == 0
    return capsys.readouterr().out


def test_the_decision_the_measures_and_the_changes(capsys):
    text = report(SLICE, capsys)
    assert text.startswith("### ❌ Model a15 was refused: Evaluator: SparseCategoricalAccuracy on")
    rows = text.splitlines()
    assert "| SparseCategoricalAccuracy | label=6 | 0.3750 | 0.1750 | ≥ 0.99 | **fails** |" in rows
    assert "| Trainer: setting custom\\_config.training.seed | 0 | 1 |" in rows
    assert report(PUSHED, capsys).startswith("### ✅ Model a7 is live as version 1795427425")
    assert "Transform (s55) failed in run" in report(FAILED, capsys)


def test_for_scripts(capsys):
    found = json.loads(report(SLICE, capsys, RECORDED, "--json"))
    assert found["outcome"] == "refused"
    assert found["markdown"].startswith("### ❌")


def test_what_a_store_says_is_no_markup(tmp_path, capsys):
    text = report("r2", capsys, make_hostile(RECORDED, tmp_path / "workspace"))
    told = text.replace("<details><summary>", "").replace("</summary>", "")
    assert not re.search(r"(?<!\\)[<>]", told.replace("</details>", ""))
    for row in text.splitlines():
        if row.startswith("| ") and "validator" not in row:
            assert len(re.findall(r"(?<!\\)\|", row)) in (4, 5, 7)
