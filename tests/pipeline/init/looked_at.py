"""Data that `init` looks at, and what it wrote about them."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest
from PIL import Image

from pipeline.init.command import main
from pipeline.preflight.preflight import check_data, gather_data
from pipeline.settings import Settings, load_settings


def review(name: str) -> dict[str, str]:
    with open(f"{name}/review.csv", encoding="utf-8", newline="") as file:
        return {row["which"]: row["finding"] for row in csv.DictReader(file)}


def trips(rows: int = 400) -> str:
    made = random.Random(0)
    lines = ["id;zip;day;fare;company;remarks;leak;same;empty;tip"]
    for row in range(rows):
        tip = made.choice(["no", "yes"])
        fare = f"{made.uniform(1, 99):.2f}" if row % 10 else "NA"
        words = " ".join(made.choice(["good", "driver", "late", "clean", "café"]) for _ in range(8))
        lines.append(
            f"trip {row};0050{row % 5};2026-01-{row % 28 + 1:02d};{fare};c{row % 7};{words};"
            f"{len(tip)};x;;{tip}"
        )
    return "\n".join(lines) + "\n"


def png(shade: int, mode: str = "L") -> bytes:
    content = io.BytesIO()
    Image.new(mode, (9, 7), shade).save(content, "PNG")
    return content.getvalue()


def write_images(*folders: str, count: int = 4) -> None:
    for place, folder in enumerate(folders):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Path(folder, f"{number}.png").write_bytes(png((place * count + number) % 256))


def drafted(rows: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[Settings, str]:
    """Settings for rows of a feature and a label, and what was said."""
    Path("t.csv").write_text("\n".join(["a,b", *rows]))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    settings = load_settings(Path("t/settings.yaml"))
    check_data(settings, gather_data(settings))
    return settings, capsys.readouterr().out
