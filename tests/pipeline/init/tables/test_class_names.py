"""Names of classes that a Parquet file tells."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.init.command import main
from pipeline.init.tables.class_names import class_names
from pipeline.settings import load_settings
from tests.pipeline.init.looked_at import png

pytestmark = pytest.mark.usefixtures("in_a_folder")
CLASSES = {"names": ["cat/kitten", "dog", "Wüstenfuchs"], "_type": "ClassLabel"}


def write(features: object, rows: int = 90) -> None:
    """As `datasets` writes images and their classes."""
    images = [{"bytes": png(row), "path": f"{row}.png"} for row in range(rows)]
    table = pa.table({"image": images, "label": [row % 3 for row in range(rows)]})
    told = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    pq.write_table(table.replace_schema_metadata(told), "t.parquet")


def test_classes_are_called_as_the_file_says(capsys: pytest.CaptureFixture[str]) -> None:
    write({"image": {"_type": "Image"}, "label": CLASSES})
    assert main(["--table", "t.parquet", "--label", "label"]) == 0
    said = capsys.readouterr().out
    assert "classes        3: cat/kitten 30, dog 30, Wüstenfuchs 30\n" in said
    assert "numbers?" not in said
    label = load_settings(Path("t/settings.yaml")).label
    assert label.names == ("cat/kitten", "dog", "Wüstenfuchs")
    assert [label.value(cell) for cell in (0, 2, "1", 1.0)] == [0, 2, 1, 1]


@pytest.mark.parametrize(
    "features",
    [
        {"label": {"dtype": "int64", "_type": "Value"}},
        {"label": {"names": ["a", "b"]}},
        {"label": {"names": ["a", "a", "b"]}},
        {"label": {"names": ["a", 1, None]}},
        {"label": {"names": [f"c{of}" for of in range(1_000)]}},
        {"other": CLASSES},
        [1],
        None,
    ],
)
def test_what_tells_no_names_of_all_that_are_held_tells_nothing(features: object) -> None:
    write(features, rows=6)
    assert class_names("t.parquet", "label", ["0", "1", "2"]) == {}


def test_a_file_that_says_nothing_of_itself() -> None:
    pq.write_table(pa.table({"label": [0, 1]}).replace_schema_metadata(None), "t.parquet")
    assert class_names("t.parquet", "label", ["0", "1"]) == {}
