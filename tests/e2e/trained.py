"""A model of a few rows, trained by the module file and served."""

from __future__ import annotations

import datetime
import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tfx.components.trainer.fn_args_utils import FnArgs
from tfx.types import standard_artifacts

from components.serving_check.component import ServingReport
from components.serving_check.executor import Executor as ServingCheck
from models.declaration import Declaration
from models.features.image.kind import Image
from models.features.image.png import png
from models.trainer import run_fn
from models.user_code import UserFunction
from serving.server.loading.saved_model import SavedModel
from serving.server.tensors.texts import Tensor, unpacked
from tests.components.serving_check.bench import QUICK
from tests.models.transform import write_transform_graph

FEATURES = {
    "fare (EUR)": {"kind": "number", "default": 5.0},
    "company": {"kind": "category"},
    "start": {"kind": "date"},
    "remarks": {"kind": "text"},
    "id": {"kind": "ignore"},
}
CLASSES = {"name": "good", "kind": "classes", "values": ["no", "yes"]}
ROWS = 500
DAY = datetime.datetime(2026, 1, 1)


def _row(random: np.random.Generator) -> tuple[dict[str, Any], bool, float]:
    """Cells, and the two labels, which every feature takes part in."""
    fare = float(random.normal(10, 3))
    company = ["Red", "Blue", "Grün"][random.integers(3)]
    day = DAY + datetime.timedelta(hours=int(random.integers(0, 24 * 200)))
    remark = ["very good ride", "not a good ride at all", ""][random.integers(3)]
    points = (fare > 10) + (company == "Red") + (day.hour > 12) + remark.startswith("very")
    cells = {"fare (EUR)": fare, "company": company, "start": day.isoformat(), "remarks": remark}
    if random.random() < 0.1:
        cells["company"] = None
    if random.random() < 0.1:
        cells["fare (EUR)"] = "NA"
    bright = bool(random.integers(2))
    cells["photo"] = random.integers(128 * bright, 128 + 128 * bright, (6, 8, 3), np.uint8)
    cells["praise"] = remark
    cells["clock"] = f"{day:%H:%M}"
    cells["paid"] = "yes" if company == "Red" else "no"
    cells["zone"] = {"Red": "1.0", "Blue": "2.0"}.get(company)
    cells["scan (grey)"] = random.integers(0, 256, (5, 4), np.uint8)
    return cells, points >= 2, 100.0 + 20 * points + 40 * bright


def _tags(cells: Mapping[str, Any]) -> str:
    """What a row is about, as a cell has it."""
    fare = cells["fare (EUR)"]
    is_so = {
        "dear": fare != "NA" and fare > 10,
        "praise": cells["remarks"].startswith("very"),
        "evening": datetime.datetime.fromisoformat(cells["start"]).hour > 12,
    }
    return "|".join(name for name, there in is_so.items() if there)


def _example(declaration: Declaration, cells: Mapping[str, Any], label: Any) -> bytes:
    feature = {}
    for name, kind in declaration.used.items():
        value = kind.value(cells[name])
        if isinstance(value, float):
            feature[name] = tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
        elif value is not None:
            feature[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    held = declaration.label.value(label)
    if declaration.label.STORED == "INT":
        made = tf.train.Feature(int64_list=tf.train.Int64List(value=[held]))
    elif declaration.label.STORED == "BYTES":
        made = tf.train.Feature(bytes_list=tf.train.BytesList(value=held))
    else:
        made = tf.train.Feature(float_list=tf.train.FloatList(value=[held]))
    feature[declaration.label.name] = made
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


def _rows_of(declaration: Declaration, examples: list[bytes]) -> list[dict[str, Any]]:
    """As TensorFlow Transform's own instances: lists where values may be missing."""
    rows = []
    for content in examples:
        found = tf.train.Example.FromString(content).features.feature
        row: dict[str, Any] = {}
        for name, kind in declaration.used.items():
            feature = found[name] if name in found else tf.train.Feature()
            is_number = kind.STORED == "FLOAT"
            row[name] = list((feature.float_list if is_number else feature.bytes_list).value)
            if kind.kind == "image":
                [row[name]] = row[name]
        label = found[declaration.label.name]
        numbers = [*label.int64_list.value, *label.float_list.value]
        is_one = declaration.label.STORED != "BYTES"
        row[declaration.label.name] = numbers[0] if is_one else [*label.bytes_list.value]
        rows.append(row)
    return rows


class Trained:
    """A model that `run_fn` wrote."""

    def __init__(
        self,
        folder: Path,
        label: dict[str, Any],
        features: Mapping[str, Any],
        code: Mapping[str, UserFunction] | None = None,
        epochs: int = 15,
        rate: float = 5e-3,
    ):
        self.declaration = Declaration.model_validate({"features": features, "label": label})
        random = np.random.default_rng(0)
        made = [_row(random) for _ in range(ROWS)]
        cells_to = {
            "classes": lambda cells, good, price: "yes" if good else "no",
            "number": lambda cells, good, price: price,
            "tags": lambda cells, good, price: _tags(cells),
        }
        labels = [cells_to[label["kind"]](*each) for each in made]
        self.cells = [cells for cells, _, _ in made]
        self.labels = labels
        self.examples = [
            _example(self.declaration, cells, found)
            for cells, found in zip(self.cells, labels, strict=True)
        ]
        train, held_out = self.examples[:-100], self.examples[-100:]
        rows = _rows_of(self.declaration, train)
        self.graph = write_transform_graph(folder / "graph", self.declaration, rows, code)
        self.model = folder / "model"
        made_args = FnArgs()
        vars(made_args).update(
            train_files=[self._write(folder / "train", train)],
            eval_files=[self._write(folder / "eval", held_out)],
            transform_output=self.graph,
            serving_model_dir=str(self.model / "Format-Serving"),
            model_run_dir=str(folder / "model_run"),
            custom_config={
                "declaration": self.declaration.model_dump_json(),
                "training": {
                    **{"epochs": epochs, "batch_size": 50, "learning_rate": rate},
                    "augment": False,
                },
                "hub": None,
                "modules": {
                    name: module.model_dump() for name, module in self.declaration.modules.items()
                },
                "checkpoints": None,
                "code_hash": "",
                "code": {name: function.model_dump() for name, function in (code or {}).items()},
            },
        )
        run_fn(made_args)
        # What it needs is in the SavedModel.
        Path(self.graph).rename(folder / "moved")
        self.served = SavedModel(str(self.model / "Format-Serving"))

    def check(self, folder: Path | None = None, **options: Any) -> dict[str, Any]:
        """The verdict of the serving check, with the held out examples as test split."""
        folder = folder or self.model.parent
        artifacts: dict[str, Any] = {
            "model": standard_artifacts.Model(),
            "examples": standard_artifacts.Examples(),
            "baseline": standard_artifacts.Model(),
            "blessing": standard_artifacts.InfraBlessing(),
            "report": ServingReport(),
        }
        for key, artifact in artifacts.items():
            artifact.uri = str(folder / key)
        artifacts["examples"].split_names = '["test"]'
        split = folder / "examples" / "Split-test"
        split.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.model.parent / "eval", split / "data-00000-of-00001")
        ServingCheck().Do(
            {key: [artifacts[key]] for key in ("model", "examples", "baseline")},
            {key: [artifacts[key]] for key in ("blessing", "report")},
            {
                "model_name": "table",
                "options": json.dumps({**QUICK, "parity_examples": 100, **options}),
                "code_hash": "",
            },
        )
        return json.loads((folder / "blessing" / "verdict.json").read_text())

    def _write(self, path: Path, examples: list[bytes]) -> str:
        with tf.io.TFRecordWriter(str(path)) as writer:
            for content in examples:
                writer.write(content)
        return str(path)

    def ask(self, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
        found = self.served.signatures[signature]
        outputs = list(found.outputs)
        feeds: dict[str, Tensor] = {
            found.inputs[name].tensor: np.array(v) for name, v in inputs.items()
        }
        values = self.served.run(feeds, [found.outputs[name].tensor for name in outputs])
        return dict(zip(outputs, map(unpacked, values), strict=True))

    def columns(self, rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
        columns: dict[str, np.ndarray] = {}
        for name, kind in self.declaration.used.items():
            values = [kind.value(row[name]) for row in rows]
            if kind.STORED == "FLOAT":
                cells = [math.nan if value is None else value for value in values]
                columns[name] = np.array(cells, np.float32)
            else:
                columns[name] = np.array([value or b"" for value in values], object)
            if isinstance(kind, Image):
                columns[name] = np.array([png(row[name]) for row in rows], object)
        return columns
