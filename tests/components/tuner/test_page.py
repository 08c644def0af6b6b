"""The page of a search: parallel axes, escaped, whole."""

from __future__ import annotations

import re

from components.tuner.chart import HEIGHT, TOP, WIDTH, parallel
from components.tuner.page import render
from documents.tuning import Confirmation, Dimension, Trial, Tuning
from tests.there import there

DIMENSIONS = (
    Dimension(key="training.learning_rate", kind="number", low=1e-3, high=0.1, log=True),
    Dimension(key="training.options.<b>", kind="choice", values=("<i>", [1, 2])),
)
FOUND = Tuning(
    metric="AUC",
    higher_is_better=True,
    examples=1500,
    dimensions=DIMENSIONS,
    trials=(
        Trial(number=0, values=dict.fromkeys(d.key for d in DIMENSIONS), state="done", value=0.8),
        Trial(
            number=1,
            values={"training.learning_rate": 0.1, "training.options.<b>": [1, 2]},
            state="done",
            value=0.9,
        ),
        Trial(number=2, values={}, state="stopped", value=0.7),
        Trial(number=3, values={}, state="failed", reason="<script>"),
    ),
    best=1,
    confirmation=Confirmation(
        seeds=(1, 2, 3),
        default=(0.8, 0.8, 0.8),
        best=(0.9, 0.9, 0.9),
        gain=0.1,
        noise=0.0,
        better=True,
    ),
    proposal={"training.learning_rate": 0.1},
    headline="Trial 1 is better.",
)


def test_a_line_for_each_trial_with_a_value_and_the_best_one_last():
    chart = there(parallel(FOUND))

    assert [axis.title for axis in chart.axes] == ["learning_rate", "<b>", "AUC"]
    assert len(chart.lines) == 3
    assert chart.lines[-1].is_best
    places = [tuple(map(float, point.split(","))) for point in chart.lines[-1].points.split()]
    assert [y for _, y in places] == [TOP] * 3  # the highest value of each axis
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)


def test_less_is_better_turns_the_shades():
    shades = {
        line.title[:7]: line.shade
        for line in there(parallel(FOUND.replaced(higher_is_better=False))).lines
    }

    assert shades["trial 2"] == 1
    assert shades["trial 1"] == 0


def test_the_page_says_what_was_found_and_escapes_all_of_it():
    page = render(FOUND)

    assert "Trial 1 is better." in page
    assert "--set training.learning_rate=0.1" in page
    assert len(re.findall("<polyline", page)) == 3
    assert not re.search("<script|<i>|<b>", page)
    assert "&lt;script&gt;" in page
    assert "http" not in page  # nothing is fetched


def test_a_search_of_nothing_has_a_page_without_a_chart():
    alone = FOUND.replaced(
        dimensions=(), trials=FOUND.trials[:1], best=0, confirmation=None, proposal={}
    )

    assert parallel(alone) is None
    assert "<svg" not in render(alone)
