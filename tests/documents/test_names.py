"""The name of each file stands in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from documents import reference, saved_model
from documents.predict_request import PredictRequest
from documents.serving_report import ServingReport
from documents.workspace import Workspace
from pipeline.code.hash import PACKAGES
from tests.documents.kinds import KINDS

REPOSITORY = Path(__file__).parents[2]
ROOMS = {*PACKAGES, "inspection"} - {"documents"}
ROOT = Workspace(Path("/root"))
NAMES = {
    *(PurePosixPath(kind.FILE).name for kind in KINDS),
    *(ServingReport.PAGE, PredictRequest.FILE),
    *(PurePosixPath(path).name for path in (reference.EXAMPLES, reference.PROBABILITIES)),
    *(saved_model.SAVED_MODEL, saved_model.SAVED_MODEL_TEXT, saved_model.EXTRA),
    saved_model.WARM_UP_FILE,
    *(path.name for path in ROOT.files),
}


def _holding_names() -> Iterator[tuple[Path, str]]:
    """Sources in which one stands somewhere: parsing all of them takes seconds."""
    for package in ROOMS:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if any(name in source for name in NAMES):
                yield path, source


@pytest.mark.medium
def test_no_file_name_is_typed_twice() -> None:
    twice = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.value}"
        for path, source in _holding_names()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        # What has spaces is a sentence.
        if " " not in node.value and NAMES & set(node.value.split("/"))
    ]
    assert twice == []
