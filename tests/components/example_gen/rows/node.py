"""ExampleGen of rows, run as a node, and what it wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf
from tfx.types import artifact_utils, standard_artifacts

from components.example_gen.formats import files
from components.example_gen.rows.component import RowsExampleGen
from components.example_gen.rows.driver import Driver
from components.example_gen.rows.executor import Executor
from components.example_gen.rows.options import RowsSection
from models.declaration import Declaration
from tests.components.example_gen.resolved import resolved_by

TRIPS = Declaration.model_validate(
    {
        "features": {
            "fare": {"kind": "number"},
            "company": {"kind": "category"},
            "id": {"kind": "ignore"},
        },
        "label": {"name": "tip", "kind": "classes", "values": ["no", "yes"]},
    }
)


def run(
    pattern: str, output: Path, declaration=TRIPS, fmt="csv", shards=2, code=None, **options: Any
):
    """Runs driver and executor as TFX does."""
    base, rest = files.split_pattern(pattern)
    node = RowsExampleGen(
        input_base=base,
        pattern=rest,
        rows=RowsSection.model_validate(
            {"format": fmt, "shards": shards, "options": options, "code": code}
        ).model_dump_json(),
        declaration=declaration.model_dump_json(),
        code_hash="1",
    )
    told = resolved_by(Driver, node.exec_properties)
    examples = standard_artifacts.Examples()
    examples.uri = str(output)
    Executor().Do({}, {"examples": [examples]}, told)
    return examples, told


def read(examples: standard_artifacts.Examples) -> dict[str, list[dict[str, Any]]]:
    """Every example by split."""
    found: dict[str, list[dict[str, Any]]] = {}
    for split in artifact_utils.decode_split_names(examples.split_names):
        folder = Path(artifact_utils.get_split_uri([examples], split))
        for record in tf.data.TFRecordDataset(sorted(map(str, folder.iterdir()))):
            features = tf.train.Example.FromString(record.numpy()).features.feature
            found.setdefault(split, []).append(
                {
                    name: list(getattr(of, of.WhichOneof("kind")).value)
                    for name, of in features.items()
                }
            )
    return found
