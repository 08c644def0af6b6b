"""Rows of Parquet files to ask a model about."""

from __future__ import annotations

import datetime
import decimal
import io
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from documents.features import Feature
from serving.clients import columns
from serving.clients.columns import ColumnError
from serving.clients.signatures import Input
from serving.clients.table_files import from_file


def served(name: str, dtype: str, kind: str, missing: str = "") -> tuple[Input, Feature]:
    taken = {"name": name, "dtype": dtype, "shape": (-1,), "missing": missing}
    feature = Feature.model_validate({"name": name, "kind": kind, "input": taken})
    return Input(name, dtype, (-1,)), feature


TAKEN = (
    served("fare", "DT_FLOAT", "number", "NaN"),
    served("zone", "DT_STRING", "category"),
    served("day", "DT_STRING", "date"),
    served("tags", "DT_STRING", "text"),
    served("user.age", "DT_FLOAT", "number", "NaN"),
)
INPUTS = tuple(taken for taken, _ in TAKEN)
FEATURES = {feature.name: feature for _, feature in TAKEN}


def test_typed_cells_are_asked_about_as_they_were_learned_from(tmp_path: Path) -> None:
    table = pa.table(
        {
            "fare": pa.array([decimal.Decimal("12.50"), None], pa.decimal128(10, 2)),
            "zone": pa.array([3.0, None]),
            "day": pa.array([datetime.datetime(2026, 11, 27, 9), None], pa.timestamp("ns", "UTC")),
            "tags": pa.array([["a", "b"], []]),
            "user": pa.array([None, {"age": 7}]),
            "label": pa.array(["yes", "no"]).dictionary_encode(),
        }
    )
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path, row_group_size=1)
    found = [*from_file(path)]
    assert [row.name for row in found] == [f"{path}, row 1", f"{path}, row 2"]
    first, second = (columns.instance(row, INPUTS, FEATURES) for row in found)
    assert math.isnan(first.pop("user.age"))
    assert first == {"fare": 12.5, "zone": "3", "day": "2026-11-27T09:00:00", "tags": "a b"}
    assert math.isnan(second.pop("fare"))
    assert second == {"zone": "", "day": "", "tags": "", "user.age": 7.0}


def test_images_in_cells_are_sent(tmp_path: Path) -> None:
    photo = io.BytesIO()
    Image.new("RGB", (4, 3), (1, 2, 3)).save(photo, "PNG")
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"image": [{"bytes": photo.getvalue()}, {"bytes": b"x"}]}), path)
    inputs = (Input("image.bytes", "DT_STRING", (-1,), is_picture=True),)
    first, second = from_file(path)
    assert columns.instance(first, inputs) == {"image.bytes": photo.getvalue()}
    with pytest.raises(ColumnError, match=r"rows\.parquet, row 2: column image\.bytes is no image"):
        columns.instance(second, inputs)


def test_files_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.pq"
    with pytest.raises(ColumnError, match=r"Cannot read .*rows\.pq: No such file"):
        list(from_file(path))
    path.write_bytes(b"PAR1")
    with pytest.raises(ColumnError, match=r"rows\.pq is no sound Parquet file"):
        list(from_file(path))
    pq.write_table(pa.table({"fare": pa.array([], pa.float32())}), path)
    with pytest.raises(ColumnError, match="holds no rows"):
        list(from_file(path))
    monkeypatch.setattr("serving.clients.table_files.LARGEST_FILE", 1 << 20)
    pq.write_table(pa.table({"remarks": [f"{of:09d}" * 1_000 for of in range(200)]}), path)
    with pytest.raises(ColumnError, match="is larger than 1 MiB; ask in parts"):
        list(from_file(path))
