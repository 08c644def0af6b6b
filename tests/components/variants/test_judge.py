from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_model_analysis as tfma

from components.variants.frozen import freeze
from components.variants.judge import evaluate
from components.variants.lite import convert
from components.variants.rows import dense_records
from components.variants.served import save_frozen
from documents.features import Features
from documents.writer import write
from models.declaration import Declaration
from models.description import describe
from models.export import export
from models.network import Network
from models.transform_graph import TransformGraph
from pipeline.evaluation import eval_config
from pipeline.sections.evaluation import EvaluationSettings
from tests.models.transform import RUNNER, write_transform_graph

LABELS: dict[str, tuple[dict[str, Any], str]] = {
    "tags": ({"kind": "tags", "values": ["hot", "late"]}, "AUC"),
    "number": ({"kind": "number"}, "RootMeanSquaredError"),
}


@pytest.mark.slow
@pytest.mark.extended
@pytest.mark.parametrize("kind", LABELS)
def test_all_forms_of_a_model_are_measured_alike(tmp_path: Path, kind: str) -> None:
    label, metric = LABELS[kind]
    declaration = Declaration.model_validate(
        {"features": {"fare": {"kind": "number"}}, "label": {"name": "mark", **label}}
    )
    fares = np.random.default_rng(0).normal(size=40)
    tags = [[b"hot"] * int(fare > 0) + [b"late"] * int(fare > 1) for fare in fares]
    marks = tags if kind == "tags" else [[3.0 * fare] for fare in fares]
    rows = [
        {"fare": [fare], "mark": mark if kind == "tags" else mark[0]}
        for fare, mark in zip(fares, marks, strict=True)
    ]
    graph = write_transform_graph(tmp_path / "graph", declaration, rows)
    transform = TransformGraph(graph, declaration)
    network = Network(declaration, None, trainable=True, seed=0, sizes=transform.sizes)
    model, document = tmp_path / "model", describe(declaration)
    export(network, transform, declaration, str(model))
    (model / "assets.extra").mkdir(exist_ok=True)
    write(document, str(model / "assets.extra" / Features.FILE))
    frozen = freeze(str(model), document)
    save_frozen(frozen, str(tmp_path / "frozen"))
    lite = tmp_path / "lite"
    (lite / "assets.extra").mkdir(parents=True)
    write(document, str(lite / "assets.extra" / Features.FILE))
    (lite / "tflite").write_bytes(convert("float32", frozen, list))
    records = [_example(fare, mark) for fare, mark in zip(fares, marks, strict=True)]
    _write(tmp_path / "examples", records)
    _write(tmp_path / "dense", list(dense_records(iter(records), frozen.inputs)))
    config = eval_config(
        EvaluationSettings.model_validate({"metrics": [{"metric": metric, "overall": {"min": 0}}]}),
        declaration.label,
    )

    def values(models: dict[str, str], model_type: str, examples: str) -> dict:
        return evaluate(
            models,
            model_type,
            str(tmp_path / examples),
            config,
            str(tmp_path / f"found-{examples}"),
            [f"--runner={RUNNER}"],
            has_tags=kind == "tags",
        )

    both = {"float": str(model), "frozen_graph": str(tmp_path / "frozen")}
    found = values(both, tfma.TF_GENERIC, "examples")
    found |= values({"float32": str(lite)}, tfma.TF_LITE, "dense")
    assert set(found) == {"float", "frozen_graph", "float32"}
    known = found["float"][metric, "overall"]
    assert 0 < known < 100
    for name, measured in found.items():
        assert measured == {(metric, "overall"): pytest.approx(known, abs=1e-3)}, name


def _example(fare: float, mark: list) -> bytes:
    example = tf.train.Example()
    example.features.feature["fare"].float_list.value.append(fare)
    for value in mark:
        feature = example.features.feature["mark"]
        (feature.bytes_list if isinstance(value, bytes) else feature.float_list).value.append(value)
    return example.SerializeToString()


def _write(path: Path, records: list[bytes]) -> None:
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
