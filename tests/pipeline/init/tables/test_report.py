"""Whether a label names classes or is a number."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.init.command import main
from pipeline.settings import load_settings
from tests.pipeline.init.looked_at import drafted

pytestmark = pytest.mark.usefixtures("in_a_folder")


def test_classes_of_which_one_is_rare_are_told(capsys: pytest.CaptureFixture[str]):
    lines = [f"{number},{'yes' if number % 20 else 'no'}" for number in range(400)]
    Path("t.csv").write_text("\n".join(["x,tip", *lines]))
    assert main(["--table", "t.csv", "--label", "tip"]) == 0
    said = capsys.readouterr().out
    assert "imbalance      19 yes to one no; always saying yes is right in 95.0%" in said
    assert "training.class_weights: balanced" in said


def test_a_number_is_estimated_and_has_to_beat_the_mean():
    made = random.Random(0)
    lines = [f"{made.random()},{made.gauss(0, 2)}" for _ in range(500)]
    Path("t.csv").write_text("\n".join(["x,price", *lines]))
    assert main(["--table", "t.csv", "--label", "price", "--name", "prices"]) == 0
    settings = load_settings(Path("prices/settings.yaml"))
    assert settings.label.kind == "number"
    assert settings.evaluation.beat_constant
    assert [metric.metric for metric in settings.evaluation.metrics] == [
        *("R2Score", "RootMeanSquaredError", "MeanAbsoluteError")
    ]


def test_classes_that_are_likely_to_be_one_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    classes = ("yes", "Yes", "no", "1", "1.0")
    Path("t.csv").write_text("a,b\n" + "".join(f"{n},{classes[n % 5]}\n" for n in range(100)))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    assert "alike?         yes and Yes, 1 and 1.0: write classes alike" in capsys.readouterr().out


def test_a_class_may_say_that_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    cells = ("None", "Mild", "Severe", "NA", "")
    rows = [f"{n * 7 % 50},{cells[n % 5]}" for n in range(200)]
    settings, said = drafted(rows, capsys)
    assert settings.label.names == ("Mild", "None", "Severe")
    assert "classes        3: Mild 40, Severe 40, None 40" in said
    assert "none?          None in 40 rows: a class here; if it is none, take it out of" in said
    assert "without label  80 rows, which are left out: NA in 40 rows means nothing" in said
    assert settings.data.quarantine == pytest.approx(80 / 200 * 1.2)


def test_plus_and_minus_are_classes(capsys: pytest.CaptureFixture[str]) -> None:
    settings, _ = drafted([f"{n * 7 % 50},{'+-'[n % 2]}" for n in range(200)], capsys)
    assert settings.label.names == ("+", "-")


def test_many_classes_are_classes_if_they_come_again(capsys: pytest.CaptureFixture[str]) -> None:
    settings, said = drafted([f"{n * 7 % 50},c{n % 150}" for n in range(900)], capsys)
    assert len(settings.label.names or ()) == 150
    assert "classes        150: " in said


def test_few_numbers_are_classes_that_are_told_and_halves_are_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, said = drafted([f"{n * 7 % 50},{n % 5 + 1}" for n in range(200)], capsys)
    assert settings.label.kind == "classes"
    assert "numbers?       the classes are numbers: make the label's kind number" in said
    Path("t/settings.yaml").unlink()
    Path("t/review.csv").unlink()
    settings, said = drafted([f"{n * 7 % 50},{n % 9 / 2 + 1}" for n in range(200)], capsys)
    assert settings.label.kind == "number"
    Path("t/settings.yaml").unlink()
    Path("t/review.csv").unlink()
    settings, said = drafted([f"{n * 7 % 50},{n % 2}.0" for n in range(200)], capsys)
    assert settings.label.names == ("0.0", "1.0")
    assert "numbers?" not in said


def test_a_label_of_numbers_may_have_a_few_that_are_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, said = drafted(
        [*(f"{n * 7 % 50},${n}" for n in range(200)), "1,inf", "2,NaN"], capsys
    )
    assert settings.label.model_dump(exclude_defaults=True, exclude={"name"}) == {
        "kind": "number",
        "unit": "$",
    }
    assert "no number?     b: 1 of 201 cells are no numbers, such as 'inf'; their rows are" in said
    assert "without label  1 row, which is left out: NaN in 1 row means nothing" in said
    assert settings.data.quarantine == pytest.approx(0.024)
