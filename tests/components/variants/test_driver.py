"""What brings variants out of the cache although nothing that they are made from has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types

from components.variants.component import Variants
from components.variants.driver import EXPORTS_ID_KEY, Driver

NO_STORE = metadata.Metadata(metadata.sqlite_metadata_connection_config(":memory:"))


def asked(exports: Path, model: str = "dots") -> str:
    info = data_types.ExecutionInfo(
        exec_properties={"exports": str(exports), "model_name": model},
        input_dict={},
        output_dict={},
    )
    return str(Driver(NO_STORE).run(info).exec_properties[EXPORTS_ID_KEY].string_value)


def test_exports_that_were_deleted_or_are_elsewhere_are_made(tmp_path: Path):
    assert Variants.DRIVER_CLASS is Driver
    first = asked(tmp_path / "exports")
    (tmp_path / "exports" / "dots" / "7").mkdir()
    assert asked(tmp_path / "exports") == first
    assert asked(tmp_path / "exports", "other") != first
    shutil.rmtree(tmp_path / "exports" / "dots")
    assert asked(tmp_path / "exports") != first
