"""How answers read, whatever a model says."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from documents.features import Label
from serving.pages.answer import json_safe, one_line, read_answer, record

CLASSES = Label(name="tip", kind="classes", values=("no", "yes"))
TAGS = Label(name="topics", kind="tags", values=("red", "round", "ripe"))
NUMBER = Label(name="price", kind="number")


@pytest.mark.parametrize("answer", [[0.25, 0.75], {"probabilities": [0.25, 0.75]}])
def test_classes_are_bars_and_the_best_one_is_the_answer(answer: Any) -> None:
    reading = read_answer(answer, CLASSES)
    assert reading.headline == "yes, score 0.750"
    assert [(bar.label, bar.score, bar.chosen) for bar in reading.scores] == [
        ("no", 0.25, False),
        ("yes", 0.75, True),
    ]


def test_the_models_own_words_win() -> None:
    answer = {"label": "sure", "score": 0.9, "probabilities": [0.1, 0.9]}
    assert read_answer(answer, CLASSES).headline == "sure, score 0.900"


@pytest.mark.parametrize("answer", [1234.5678, {"prediction": 1234.5678}])
def test_a_number_is_one(answer: Any) -> None:
    reading = read_answer(answer, NUMBER)
    assert (reading.headline, reading.scores) == ("price = 1234.57", ())


@pytest.mark.parametrize(
    ("scores", "threshold", "said"),
    [
        ([0.9, 0.2, 0.5], None, "red, ripe"),
        ([0.9, 0.2, 0.5], 0.6, "red"),
        ([0.1, 0.2, 0.3], None, "no tag"),
    ],
)
def test_tags_are_those_that_reach_the_threshold(
    scores: list[float], threshold: float | None, said: str
) -> None:
    options = {} if threshold is None else {"threshold": threshold}
    reading = read_answer(scores, TAGS.replaced(options=options))
    assert reading.headline == said
    assert len(reading.scores) == 3


def test_a_model_of_somebody_else_names_no_labels() -> None:
    assert read_answer([0.1, 0.9], None).headline == "label 1, score 0.900"
    assert read_answer([0.1, 0.9], None, ["cat", "dog"]).headline == "dog, score 0.900"
    assert read_answer(3, None).headline == "3"


@pytest.mark.parametrize(
    "answer", [[-3.0, 12.0], [[0.1], [0.2]], {"boxes": [1]}, "text", [math.nan], [], True, None]
)
def test_what_is_neither_is_shown_as_it_is(answer: Any) -> None:
    reading = read_answer(answer, None)
    assert reading.headline == "The model's answer"
    assert reading.scores == ()
    assert reading.text


@pytest.mark.parametrize(
    ("scores", "label", "named"),
    [
        ([0.25, 0.75], CLASSES, ("yes", 0.75)),
        ([0.9, 0.2, 0.5], TAGS, ("red, ripe", 0.5)),
        ([0.1, 0.2, 0.3], TAGS, ("no tag", pytest.approx(0.7))),
        (7.5, NUMBER, None),
    ],
)
def test_an_answer_in_a_line(scores: Any, label: Label, named: Any) -> None:
    assert read_answer(scores, label).named == named


@pytest.mark.parametrize(
    "said",
    [
        {"label": ["sure"], "score": [0.9]},
        {"label": "sure", "score": "much"},
        {"label": "sure"},
        {"label": None, "score": 0.9},
        {"score": [0.9]},
    ],
)
def test_a_label_and_a_score_of_another_form_are_passed_over(said: dict[str, Any]) -> None:
    answer = {"probabilities": [0.25, 0.75], **said}
    assert read_answer(answer, CLASSES).headline == "yes, score 0.750"
    assert one_line(answer, CLASSES) == ("yes", 0.75)
    assert one_line(answer, None) == ("1", 0.75)


def test_what_could_steer_a_terminal_or_turn_a_line_round_is_written_out() -> None:
    odd = "a\n\x1b[31m\u202eb"
    plain = r"a\n\x1b[31m\u202eb"
    label = Label(name=odd, kind="classes", values=(odd, "b"))
    reading = read_answer({"label": odd, "score": 0.9, "probabilities": [0.9, 0.1]}, label)
    assert reading.headline == f"{plain}, score 0.900"
    assert reading.scores[0].label == plain
    tags = read_answer([0.9, 0.1], Label(name="t", kind="tags", values=(odd, "b")))
    assert (tags.headline, tags.scores[0].label) == (plain, plain)
    assert read_answer(1.0, Label(name=odd, kind="number")).headline == f"{plain} = 1"
    assert "\x1b" not in read_answer({"y": "\x1b[31m"}, None).text
    assert one_line({"label": odd, "score": 0.9}, None) == (plain, 0.9)
    assert one_line(odd, None) == (plain, None)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("ABC", ("ABC", None)),
        ({"b64": "YWJj"}, ('{"b64": "YWJj"}', None)),
        (["a", "b"], ('["a", "b"]', None)),
        (True, ("true", None)),
        ([True, False], ("[true, false]", None)),
        (3, ("3", None)),
        (2**62, (str(2**62), None)),
        (0.123456789, ("0.123457", None)),
        (math.nan, ("nan", None)),
        ([math.nan, 0.5], ("[NaN, 0.5]", None)),
        ([0.25, 0.5], ("1", 0.5)),
        ([], ("[]", None)),
        ([[0.5]], ("[[0.5]]", None)),
        ({"a": "x", "b": 3}, ('{"a": "x", "b": 3}', None)),
        ({"label": "x", "score": "y"}, ('{"label": "x", "score": "y"}', None)),
        ({"tags": "red, ripe", "z": [0.5]}, ("red, ripe", None)),
        ({"tags": ""}, ("no tag", None)),
        ({"prediction": 2.5, "z": 1}, ("2.5", None)),
        ({"probabilities": [0.5, 0.25], "z": 1}, ("0", 0.5)),
        (None, ("null", None)),
    ],
)
def test_every_answer_has_one_line(answer: Any, said: tuple[str, float | None]) -> None:
    assert one_line(answer, None) == said


def test_a_long_answer_is_cut_in_a_line() -> None:
    text, score = one_line(["word"] * 1_000, None)
    assert (len(text), text[-1], score) == (200, "…", None)


def test_a_record_names_what_was_asked_about_whatever_an_output_is_called() -> None:
    assert record("a.png", [0.5, 0.5]) == {"input": "a.png", "output": [0.5, 0.5]}
    assert record("a.png", {"label": "no"}) == {"input": "a.png", "label": "no"}
    both = {"input": [1.0], "label": "no"}
    assert record("a.png", both) == {"input": "a.png", "outputs": both}


def test_what_no_json_number_can_be_is_text_that_reads_back() -> None:
    answer = {"a": [[math.nan, 1.5], [math.inf, -math.inf]], "b": {"b64": "AA=="}, "n": 3}
    text = json.dumps(record("row", answer), allow_nan=False)
    found = json.loads(text)
    assert found["a"] == [["NaN", 1.5], ["Infinity", "-Infinity"]]
    assert (found["b"], found["n"]) == ({"b64": "AA=="}, 3)
    assert [float(value) for value in found["a"][1]] == [math.inf, -math.inf]
    assert json_safe([{"output": math.nan}]) == [{"output": "NaN"}]
