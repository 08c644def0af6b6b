"""Tables whose columns are the pixels of an image."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.init.columns.pixels import pixels_of
from pipeline.init.command import main
from pipeline.preflight.preflight import check_data, gather_data
from pipeline.settings import load_settings
from tests.pipeline.init.looked_at import review
from tests.pipeline.init.made_tables import column


@pytest.mark.usefixtures("in_a_folder")
def test_they_are_read_as_images_and_what_is_written_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = random.Random(0)
    names = [f"pixel{number}" for number in range(64)]
    rows: list[list[object]] = [
        [row % 2, *(made.randrange(256) for _ in names), f"a{row}"] for row in range(60)
    ]
    lines: list[list[object]] = [["digit", *names, "writer"], *rows]
    Path("t.csv").write_text("\n".join(";".join(map(str, line)) for line in lines))
    assert main(["--table", "t.csv", "--label", "digit"]) == 0
    assert "64 columns, pixel0 to pixel63, are read as images of 8 x 8" in capsys.readouterr().out
    assert review("t")["pixel0 to pixel63"].startswith("64 columns")
    settings = load_settings(Path("t/settings.yaml"))
    check_data(settings, gather_data(settings))
    assert {name: of.kind for name, of in settings.features.items()} == {
        "image": "image",
        "writer": "ignore",
    }
    assert settings.data.format == "pixels"
    assert settings.data.pixels
    assert settings.data.pixels.size == (8, 8)


@pytest.mark.parametrize(
    ("names", "greatest", "wanted"),
    [
        ([f"{row}x{place}" for row in range(1, 9) for place in range(1, 9)], 255, (8, 1, 255)),
        ([f"px_{number}" for number in range(192)], 255, (8, 3, 255)),
        ([*map(str, range(64))], 16, (8, 1, 16)),
        ([f"pixel{number}" for number in range(63)], 255, None),
        ([f"pixel{number}" for number in range(64)], 256, None),
        ([f"pixel{number}" for number in range(64)], 1, None),
        ([f"sensor{number}" for number in range(64)], 255, None),
    ],
)
def test_they_are_known_by_names_numbers_and_count(
    names: list[str], greatest: int, wanted: tuple[int, int, int] | None
) -> None:
    found = pixels_of([column(name, "0", str(greatest)) for name in names])
    assert (found and (found.side, found.channels, found.largest)) == wanted


def test_fractions_are_none() -> None:
    assert pixels_of([column(f"pixel{number}", "0.5", "200") for number in range(64)]) is None
