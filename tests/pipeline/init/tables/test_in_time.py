"""Rows in the order of a date."""

from __future__ import annotations

import datetime
import random
import re
from pathlib import Path

import pytest
import yaml

from documents.settings.yaml_text import yaml_text
from pipeline.init.columns.column import Column
from pipeline.init.command import main
from pipeline.init.tables.in_time import split_in_time
from pipeline.settings import load_settings

DAYS = [datetime.datetime(2026, 1, 1) + datetime.timedelta(days=of) for of in range(100)]


def found(cells: list[str | None], ignored: tuple[str, ...] = ()) -> dict[str, str]:
    column = Column("day")
    column.add(cells)
    return split_in_time([column], {"day": cells}, ignored)


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y"])
def test_the_last_tenths_are_kept_for_evaluation_and_test(form: str) -> None:
    cells: list[str | None] = [day.strftime(form) for day in DAYS for _ in range(3)]
    wanted = {"by": "time", "column": "day", "eval_from": "2026-03-22", "test_from": "2026-04-01"}
    wanted |= {} if form == "%Y-%m-%d" else {"format": form}
    assert found([*cells, None]) == wanted
    assert found(cells[::-1]) == wanted
    assert found(cells, ignored=("day",)) == {}


def test_hours_count_too() -> None:
    cells = [(DAYS[0] + datetime.timedelta(hours=of)).isoformat() for of in range(100)]
    assert found([*cells])["eval_from"] == "2026-01-04T08:00:00"


def test_what_stands_in_no_order_or_is_of_few_moments_tells_nothing() -> None:
    cells: list[str | None] = [day.date().isoformat() for day in DAYS]
    assert found(random.Random(0).sample(cells, len(cells))) == {}
    assert found(cells[:20]) == {}
    assert found([cells[0]] * 100) == {}
    assert found(["x"] * 100) == {}


@pytest.mark.usefixtures("in_a_folder")
def test_the_split_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{day:%d.%m.%Y},{of % 7},{'ab'[of % 2]}" for of, day in enumerate(DAYS)]
    Path("t.csv").write_text("\n".join(["day,x,y", *rows]))
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    told = re.search("data.split: ({.*})$", capsys.readouterr().out, re.MULTILINE)
    assert told
    settings = yaml.safe_load(Path("t/settings.yaml").read_text())
    settings["data"]["split"] = yaml.safe_load(told[1])
    Path("t/settings.yaml").write_text(yaml_text(settings))
    split = load_settings(Path("t/settings.yaml")).data.split
    assert (split.by, split.column, split.format) == ("time", "day", "%d.%m.%Y")
