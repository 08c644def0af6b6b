"""Measures are found by the modules that hold them, and each keeps what the others wrote."""

from __future__ import annotations

import json

import pytest

from benchmarks import report
from benchmarks.models import __main__ as command
from benchmarks.models.measures import NAMES, measure_of
from benchmarks.target import Target


@pytest.mark.parametrize("name", NAMES)
def test_every_module_is_a_measure(name):
    assert callable(measure_of(name))


def test_a_part_leaves_the_others_alone(tmp_path):
    path = tmp_path / "models.json"
    report.write_part(path, "one", [Target("size", 0.2, 0.3)], {"kilobytes": 7})
    report.write_part(path, "two", [Target("size", 0.4, 0.3)], {})

    document = json.loads(path.read_text())

    assert document["one"]["kilobytes"] == 7
    assert [part["targets"][0]["met"] for part in document.values()] == [True, False]


def test_an_unknown_measure_is_a_mistake(capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(["--only", "speed"])

    assert ended.value.code == 2
    assert "name some of" in capsys.readouterr().err
