"""Folders in which no file is a table."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from pipeline.init.command import main
from tests.pipeline.init.looked_at import write_images

pytestmark = pytest.mark.usefixtures("in_a_folder")


def test_what_lies_there_instead_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("arrays", "packed", "empty"):
        Path(folder).mkdir()
    np.save("arrays/x.npy", np.zeros(3))
    with zipfile.ZipFile("packed/train.zip", "w") as archive:
        archive.writestr("train.csv", "a,b\n")
    write_images("my pets/cat", "my pets/dog")
    for folder, told in (
        ("arrays", "arrays/x.npy is a NumPy array; docs/other_files.md"),
        ("packed", "packed/train.zip is an archive; unpack it with: unzip FILE."),
        ("my pets", "my pets holds images and no table: take it with --images '"),
        ("empty", "empty holds no file of format csv"),
    ):
        assert main(["--table", folder, "--label", "b"]) == 2
        said = capsys.readouterr().err
        assert told in said
        assert said.count("\n") == 1
