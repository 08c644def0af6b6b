"""Columns that tell the label, alone or together."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.init.command import main
from pipeline.settings import load_settings
from tests.pipeline.init.looked_at import review

pytestmark = pytest.mark.usefixtures("in_a_folder")


def test_a_number_of_which_the_label_is_made_is_told(capsys: pytest.CaptureFixture[str]):
    made = random.Random(0)
    nets = [made.uniform(5, 900) for _ in range(300)]
    prices = ["unknown" if net < 15 else f"{1.19 * net:.2f}" for net in nets]
    lines = zip(nets, prices, strict=True)
    rows = [f"{net:.2f},{made.random():.3f},{price}" for net, price in lines]
    Path("t.csv").write_text("net,n,price\n" + "\n".join(rows) + "\n")
    assert main(["--table", "t.csv", "--label", "price"]) == 0
    said = capsys.readouterr().out
    assert "leak?          net alone predicts the label (strength 1.000)" in said
    assert "missing?       price: 'unknown' in" in said
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.features["net"].kind == "ignore"
    assert settings.label.model_dump()["missing"] == ("unknown",)


def test_columns_that_make_the_label_together_are_told_and_ignored(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = random.Random(0)
    rows = [(made.randrange(99), made.randrange(400), made.random()) for _ in range(200)]
    lines = [f"{a};{b};{c:.2f};{a + b},00 €" for a, b, c in rows]
    Path("t.csv").write_text("\n".join(["casual;registered;temp;cnt", *lines, "3;;;4,00 €"]))
    assert main(["--table", "t.csv", "--label", "cnt"]) == 0
    said = capsys.readouterr().out
    assert "leak?          casual, registered together make the label, so they are ignored" in said
    features = load_settings(Path("t/settings.yaml")).features
    assert {name: of.kind for name, of in features.items()} == {
        **{"casual": "ignore", "registered": "ignore", "temp": "number"},
    }
    assert review("t")["casual"].startswith("ignore: makes the label together with registered")
    assert main(["--table", "t.csv", "--label", "temp", "--force"]) == 0
    assert load_settings(Path("t/settings.yaml")).features["casual"].kind == "number"


def test_the_only_column_is_learned_from_though_it_tells_all() -> None:
    Path("t.csv").write_text("x,y\n" + "".join(f"{n / 7},{2 * n / 7 + 1}\n" for n in range(150)))
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    assert load_settings(Path("t/settings.yaml")).features["x"].kind == "number"
