"""The one-file report, and what it says about each kind of run."""

from __future__ import annotations

import re

import pytest

from inspection.__main__ import main
from tests.inspection.hostile import SCRIPT, make_hostile
from tests.inspection.recorded_runs import FAILED, NOTHING_NEW, PUSHED, RECORDED, SERVING, SLICE


@pytest.fixture
def report(tmp_path, capsys):
    """The page about a run, and what the command said."""

    def make(run: str, store=RECORDED) -> tuple[str, str]:
        path = tmp_path / "report.html"
        assert main(["report", run, "--html", str(path), "--store", str(store)]) == 0
        assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["report.html"]
        return path.read_text(), capsys.readouterr().out

    return make


def test_a_pushed_model_with_what_went_in_what_was_measured_and_what_came_out(report):
    text, said = report(PUSHED)
    assert re.match(r"Wrote .*report\.html \([\d.]+ kB\): Model a7 is live as version", said)
    for expected in (
        "is live as version 1795427425",
        "fingerprint 21b895b369c7",
        "models/modules/fashion_mnist_encoder",
        "Split train: 1,350 examples",
        "label=6 (Shirt)",
        "malformed requests",
        "PushedModel",
        "python local_runner.py --root rebuilt",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (SLICE, "below the lower bound 0.99"),
        (SERVING, "latency p50"),
        (NOTHING_NEW, "Nothing new was pushed: model a7 is live"),
        (FAILED, "Go on with"),
    ],
)
def test_the_decision_and_why(report, run, said):
    assert said in re.sub("<[^>]+>", "", report(run)[0])


def test_what_changed_since_the_run_before(report):
    text, _ = report(SLICE)
    assert "What changed since 20261123T095027.676824" in text
    assert "custom_config.training.seed" in text


def test_it_fetches_nothing_and_runs_nothing(report):
    text, _ = report(PUSHED)
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "url(" not in text.replace("url(#arrow)", "")


def test_what_comes_from_a_store_is_only_text(report, tmp_path):
    text, _ = report("latest", make_hostile(RECORDED, tmp_path / "workspace"))
    assert SCRIPT not in text
    assert "<img" not in text


def test_a_file_that_cannot_be_written_is_named(tmp_path, capsys):
    path = tmp_path / "gone" / "report.html"
    assert main(["report", PUSHED, "--html", str(path), "--store", str(RECORDED)]) == 1
    assert f"--html {path} cannot be written" in capsys.readouterr().err


def test_a_folder_in_the_way_is_a_sentence_and_nothing_is_left_beside_it(tmp_path, capsys):
    path = tmp_path / "report.html"
    path.mkdir()
    assert main(["report", PUSHED, "--html", str(path), "--store", str(RECORDED)]) == 1
    assert f"--html {path} cannot be written" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
