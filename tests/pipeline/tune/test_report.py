"""What the command says at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.tuning import Dimension, Trial, Tuning
from pipeline.tune.proposal import Proposal
from pipeline.tune.report import as_json, lines

FOUND = Tuning(
    metric="AUC",
    higher_is_better=True,
    examples=1517,
    dimensions=(Dimension(key="training.dropout", kind="number", low=0.0, high=0.5),),
    trials=tuple(
        Trial(number=n, values={"training.dropout": value}, state="done", value=0.9 + n / 100)
        for n, value in enumerate([None, 0.1234567, 0.2, 0.3, 0.4, 0.5, 0.45])
    ),
    best=6,
    proposal={"training.dropout": 0.45},
    headline="Trial 6 is better.",
)
DIFF = "--- a\n+++ a\n@@ -1 +1 @@\n-  dropout: 0.1\n+  dropout: 0.45\n"
CONFIG, PAGE = Path("trips.yaml"), "/root/page.html"
COMMAND = ["python", "local_runner.py", "tune"]


def said(proposal: Proposal) -> str:
    return "\n".join(lines(FOUND, proposal, PAGE, COMMAND, "python local_runner.py --set it"))


def test_says_what_was_found_the_diff_and_what_to_do_next():
    text = said(Proposal(FOUND.proposal, CONFIG, DIFF))

    assert "AUC on 1,517 examples of the eval split" in text
    assert "  6      0.9600  0.45" in text
    assert "  0      0.9000  usual" in text  # the settings as they are are always there
    assert DIFF.rstrip() in text
    assert "python local_runner.py tune --write" in text
    assert "Changed" not in text


@pytest.mark.parametrize(
    ("proposal", "there", "not_there"),
    [
        (Proposal({}, CONFIG), "Trial 6 is better.", "--write"),
        (Proposal(FOUND.proposal, CONFIG, DIFF, is_written=True), "Changed trips.yaml", "--write"),
        (Proposal(FOUND.proposal, CONFIG, reason="so it is"), "no diff of trips.yaml: so", "@@"),
    ],
)
def test_says_what_became_of_the_file(proposal, there, not_there):
    text = said(proposal)

    assert there in text
    assert not_there not in text


def test_scripts_get_all_of_it():
    found = as_json(FOUND, Proposal(FOUND.proposal, CONFIG, DIFF, is_written=True), PAGE)

    assert found["proposal"] == {"training.dropout": 0.45}
    assert found["options"] == ["--set training.dropout=0.45"]
    assert (found["diff"], found["written"]) == (DIFF, "trips.yaml")
    assert len(found["trials"]) == 7
