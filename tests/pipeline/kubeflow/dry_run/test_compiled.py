"""Files that are no compiled pipeline."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.kubeflow.dry_run.compiled import DryRunError, read_compiled


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no pipeline"),
        (b"a: 1\n", "holds no pipeline"),
        (b"a: [", "is not plain YAML"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_pipeline_is_named(tmp_path: Path, content: bytes, said: str):
    file = tmp_path / "pipeline.yaml"
    file.write_bytes(content)
    with pytest.raises(DryRunError, match=rf"pipeline\.yaml {said}"):
        read_compiled(file)


def test_what_never_ends_is_not_read(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    for place in (tmp_path / "fifo", Path("/dev/zero"), tmp_path, tmp_path / "none"):
        with pytest.raises(DryRunError, match=f"Cannot read {place}: .*; write it with"):
            read_compiled(place)
