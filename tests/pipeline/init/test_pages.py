"""What `init` prints of public tables, as pages show it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from sklearn.datasets import load_diabetes

from pipeline.init.command import main
from pipeline.settings import REPOSITORY
from tests.there import there

TAXI = "examples/chicago_taxi_pipeline/data/simple/data.csv"


@pytest.mark.medium
@pytest.mark.usefixtures("in_a_folder")
def test_the_page_of_data_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    # TFX is found, and not imported.
    tfx = Path(there(there(importlib.util.find_spec("tfx")).origin)).parent
    assert main(["--table", str(tfx / TAXI), "--label", "payment_type", "--name", "taxi"]) == 0
    assert f"```\n{capsys.readouterr().out}```" in (REPOSITORY / "docs" / "data.md").read_text()


@pytest.mark.usefixtures("in_a_folder")
def test_the_tutorial_shows_what_is_printed_of_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    load_diabetes(as_frame=True, scaled=False).frame.to_csv("diabetes.csv", index=False)
    assert main(["--table", "diabetes.csv", "--label", "target", "--name", "diabetes"]) == 0
    shown = f"```\n{capsys.readouterr().out}```"
    assert shown in (REPOSITORY / "docs" / "tutorial.md").read_text()
