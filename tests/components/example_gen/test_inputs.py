from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from components.example_gen import idx, inputs
from components.example_gen.pair import Pair

PATTERNS = {split.name: split.pattern for split in inputs.default_input_config().splits}


def test_the_official_names_are_found(tmp_path: Path, write_folder: Callable[..., Path]):
    pairs = inputs.find_pairs(str(write_folder(tmp_path)), PATTERNS)
    assert pairs == {
        "train": Pair(
            images=str(tmp_path / "train-images-idx3-ubyte.gz"),
            labels=str(tmp_path / "train-labels-idx1-ubyte.gz"),
        ),
        "test": Pair(
            images=str(tmp_path / "t10k-images-idx3-ubyte.gz"),
            labels=str(tmp_path / "t10k-labels-idx1-ubyte.gz"),
        ),
    }


def test_a_plain_file_will_do_but_not_beside_its_gz(
    tmp_path: Path, write_folder: Callable[..., Path], write_idx: Callable[..., Path]
):
    write_folder(tmp_path)
    plain = write_idx(tmp_path / "t10k-labels-idx1-ubyte", np.arange(10))
    assert inputs.find_pairs(str(tmp_path), PATTERNS)["test"].labels == f"{plain}.gz"
    (tmp_path / f"{plain}.gz").unlink()
    assert inputs.find_pairs(str(tmp_path), PATTERNS)["test"].labels == str(plain)


def test_a_missing_file_is_named(tmp_path: Path, write_folder: Callable[..., Path]):
    write_folder(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(
        idx.IdxError, match=f"Missing {tmp_path}/train-labels-idx1-ubyte, plain or .gz"
    ):
        inputs.find_pairs(str(tmp_path), PATTERNS)


def test_a_pattern_that_fits_two_data_sets_is_refused(
    tmp_path: Path, write_folder: Callable[..., Path]
):
    write_folder(tmp_path)
    with pytest.raises(idx.IdxError, match="fits 2 files of images-idx3-ubyte"):
        inputs.find_pairs(str(tmp_path), {"train": "*"})


def test_the_fingerprint_can_be_had_from_a_shell(tmp_path: Path, write_folder: Callable[..., Path]):
    pairs = inputs.find_pairs(str(write_folder(tmp_path)), PATTERNS)
    shell = subprocess.run(
        "sha256sum train-images* train-labels* t10k-images* t10k-labels* | sha256sum",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert inputs.fingerprint(pairs) == shell.stdout.split()[0]


def test_the_fingerprint_knows_content_not_times(tmp_path: Path, write_folder: Callable[..., Path]):
    folder = write_folder(tmp_path)
    pairs = inputs.find_pairs(str(folder), PATTERNS)
    before = inputs.fingerprint(pairs)
    labels = folder / "train-labels-idx1-ubyte.gz"
    times = (labels.stat().st_atime, labels.stat().st_mtime)
    os.utime(labels, (0, 0))
    assert inputs.fingerprint(pairs) == before
    data = bytearray(labels.read_bytes())
    data[-1] ^= 1
    labels.write_bytes(bytes(data))
    os.utime(labels, times)
    assert inputs.fingerprint(pairs) != before


ODD = "a b'\"#%:@,é~$x{1}]"


@pytest.mark.parametrize("name", ["data [1]", "st*r", "qu?k", "back\\slash", "br{a,b}", ODD, "\\["])
def test_a_folder_is_no_pattern(tmp_path: Path, write_folder: Callable[..., Path], name: str):
    for neighbour in ("data 1", "star", "quak", "backslash", "bra", "["):
        write_folder(tmp_path / neighbour, seed=1)
    folder = write_folder(tmp_path / name, seed=2)
    pairs = inputs.find_pairs(str(folder), PATTERNS)
    paths = [path for pair in pairs.values() for path in (pair.images, pair.labels)]
    assert {Path(path).parent for path in paths} == {folder}
    assert sorted(inputs.files(str(tmp_path), "st*r/train-i*")) == sorted(
        str(tmp_path / found / "train-images-idx3-ubyte.gz")
        for found in {"star", *({name} if name == "st*r" else ())}
    )
