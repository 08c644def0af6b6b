"""What is printed to make a model again of data that are rows, read back as a run reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspection.questions.rebuild import rows_settings
from pipeline.settings import REPOSITORY, Settings, load_settings

DEFAULT = REPOSITORY / "configs" / "fashion_mnist.yaml"


def recorded(settings: Settings, base: str) -> dict[str, str]:
    """As ExampleGen's execution has it in the store."""
    return {
        "input_base": base,
        "input_config": json.dumps(
            {"splits": [{"name": "rows", "pattern": settings.data.place[1]}]}
        ),
        "rows": settings.data.rows.model_dump_json(),
        "declaration": settings.declaration.model_dump_json(),
    }


@pytest.mark.parametrize("name", ["taxi", "digits", "reviews"])
def test_the_command_reads_the_same_data_in_the_same_way(name: str) -> None:
    settings = load_settings(REPOSITORY / "configs" / f"{name}.yaml")
    overrides = rows_settings(recorded(settings, "/the data's"))
    again = load_settings(DEFAULT, [*overrides, "hub=null"])
    assert again.declaration == settings.declaration
    assert again.data.rows == settings.data.rows
    assert again.data.place == ("/the data's", settings.data.place[1])


def test_a_number_and_a_pattern(tmp_path: Path) -> None:
    config = tmp_path / "own.yaml"
    config.write_text(
        "name: own\n"
        "features: {x: {kind: number, default: 1.5}}\n"
        "label: {name: y, kind: number}\n"
        "data: {format: jsonl, files: '/data/{SPAN}/*.jsonl', quarantine: 0.5}\n"
        "evaluation: {metrics: [{metric: MeanSquaredError, overall: {max: 1.0}}]}\n"
    )
    settings = load_settings(config)
    again = load_settings(DEFAULT, [*rows_settings(recorded(settings, "/data")), "hub=null"])
    assert again.declaration == settings.declaration
    assert again.data.files == "/data/{SPAN}/*.jsonl"
    assert again.data.quarantine == 0.5
    assert again.evaluation.metrics[0].metric == "MeanSquaredError"
