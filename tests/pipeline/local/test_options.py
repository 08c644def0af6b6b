from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.local.options import Options
from pipeline.tune.options import TuneOptions


@pytest.mark.parametrize(
    ("to_node", "serves"),
    [
        (None, True),
        ("ServingCheck", True),
        ("Pusher", True),
        ("Variants", True),
        ("Evaluator", False),
        ("Trainer", False),
    ],
)
def test_only_runs_to_the_serving_check_serve(to_node: str | None, serves: bool):
    assert Options(Path("c.yaml"), "root", to_node=to_node).serves is serves


def test_a_search_for_settings_serves_nothing():
    assert not Options(Path("c.yaml"), "root", tune=TuneOptions(minutes=1)).serves
