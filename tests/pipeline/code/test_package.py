"""What Beam's workers elsewhere install of a user's folder."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from pipeline.beam import beam_pipeline_args
from pipeline.code.package import write_package


@pytest.mark.medium
def test_it_installs_the_folder_and_what_lies_beside_the_code(tmp_path: Path) -> None:
    folder = tmp_path / "pets"
    for name, content in {
        "mine.py": b"X = 1",
        "words.txt": b"the a",
        "data.bin": bytes((1 << 20) + 1),
        "parts/inner.py": b"Y = 2",
        "photos/cat.png": b"no code beside it",
        "__pycache__/mine.pyc": b"",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (tmp_path / "made").mkdir()
    archive = write_package(folder, tmp_path / "made")
    first = archive.read_bytes()
    assert write_package(folder, tmp_path / "made").read_bytes() == first
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "out")
    unpacked = tmp_path / "out" / "pets-0"
    command = [sys.executable, "setup.py", "--quiet", "build", "--build-lib", "lib"]
    subprocess.run(command, cwd=unpacked, check=True, capture_output=True)
    built = unpacked / "lib"
    found = sorted(str(path.relative_to(built)) for path in built.rglob("*") if path.is_file())
    assert found == ["pets/mine.py", "pets/parts/inner.py", "pets/words.txt"]


@pytest.mark.medium
def test_workers_of_this_process_need_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("X = 1")
    here = beam_pipeline_args(["--runner=DirectRunner"], tmp_path)
    assert not any(arg.startswith("--extra_package") for arg in here)
    there = beam_pipeline_args(["--runner=FlinkRunner"], tmp_path)
    packages = [arg.partition("=")[2] for arg in there if arg.startswith("--extra_package=")]
    assert [Path(path).name for path in packages] == [
        f"{tmp_path.name}-0.tar.gz",
        "tfx-hub-serving-0.tar.gz",
    ]
    assert all(Path(path).is_file() for path in packages)
