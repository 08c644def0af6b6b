"""A settings file is changed where a setting stands, and nothing else of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import yaml_values
from pipeline.settings import REPOSITORY
from pipeline.tune.edit import EditError, edited, unified_diff
from tests.examples import examples

TEXT = """\
# On top.
name: trips

training:
  epochs: 6   # few
  learning_rate: 1.0e-2
  widths: [64, 64]

  # Above dropout.
  dropout: 0.1
evaluation: {beat_constant: true}
"""


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"training.epochs": 7}, ["-  epochs: 6   # few", "+  epochs: 7   # few"]),
        ({"training.widths": [8]}, ["-  widths: [64, 64]", "+  widths: [8]"]),
        ({"training.augment": False}, ["+  augment: false"]),
        (
            {"evaluation.smallest_slice": 5},
            [
                "-evaluation: {beat_constant: true}",
                "+evaluation: {beat_constant: true, smallest_slice: 5}",
            ],
        ),
        ({"push.confirm_seconds": 2.5}, ["+", "+push:", "+  confirm_seconds: 2.5"]),
        (
            {"training.options.units": 3, "training.dropout": 0.25},
            ['+  options: {"units": 3}', "-  dropout: 0.1", "+  dropout: 0.25"],
        ),
    ],
)
def test_changes_the_lines_that_it_has_to(changes, lines):
    diff = unified_diff(TEXT, edited(TEXT, changes), "trips.yaml")

    changed = [line for line in diff.splitlines()[2:] if line[:1] in "+-"]
    assert sorted(changed) == sorted(lines)


# Each example reads a file of a hundred lines several times.
@pytest.mark.medium
@settings(max_examples=examples(0.4))
@pytest.mark.parametrize("config", sorted((REPOSITORY / "configs").glob("*.yaml")), ids=str)
@given(
    st.dictionaries(
        st.sampled_from(
            ["training.learning_rate", "training.widths", "training.options.a", "training.augment"]
        ),
        st.one_of(
            st.floats(-1e6, 1e6), st.booleans(), st.text(max_size=9), st.lists(st.integers(0, 9))
        ),
        min_size=1,
    )
)
def test_a_shipped_file_says_afterwards_what_is_wanted(config, changes):
    text = config.read_text()
    try:
        wanted = yaml_values.parse(text.encode())
        for key, value in changes.items():
            *parents, last = key.split(".")
            place = wanted
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = value
        after = edited(text, changes)
    except (EditError, yaml_values.YamlError):
        return  # A text with control characters is none of a settings file.
    assert yaml_values.parse(after.encode()) == wanted
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert all(line in after.splitlines() for line in comments)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {epochs: 2}\ntraining: *x\n",
        "{name: a, training: {epochs: 3}}\n",
        "base: &x {epochs: 2}\ntraining:\n  <<: *x\n  epochs: 5\n  <<: {epochs: 1}\n",
        "training: 3\n",
        "training: &t\n  epochs: &e 2\nevaluation:\n  n: *e\n",
    ],
)
def test_what_cannot_be_changed_in_its_place_is_refused(text):
    with pytest.raises((EditError, yaml_values.YamlError)):
        edited(text, {"training.epochs": 9, "evaluation.n": 3})


def test_a_list_of_lines_becomes_one_of_a_line():
    text = "training:\n  widths:\n    - 64\n    - 64\n\n# End.\npush: {}\n"

    assert (
        edited(text, {"training.widths": [8]}) == "training:\n  widths: [8]\n\n# End.\npush: {}\n"
    )


def test_an_empty_section_and_a_file_without_a_last_newline():
    assert edited("training:", {"training.epochs": 3}) == 'training: {"epochs": 3}'
    assert edited("name: a", {"training.epochs": 3}) == "name: a\n\ntraining:\n  epochs: 3\n"
