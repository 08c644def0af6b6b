"""Takes out of an environment what no step of the pipeline needs; says what that saves.

usage, while the image is built: python3 docker/slim.py /opt/venv
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

UNNEEDED = (
    # Tests and checks of this project.
    *("grimp", "hypothesis", "import_linter", "mypy", "playwright", "pytest", "pytest_xdist"),
    *("ruff", "types_psutil", "types_pyyaml", "types_requests"),
    # Installers: an image is built anew.
    *("pip", "wheel"),
    # TFMA imports ipywidgets, and that IPython; these only serve who types into a notebook.
    *("debugpy", "jedi"),
    # For building TensorFlow, for TensorBoard's fast loader, for Vertex AI's client.
    *("google_cloud_aiplatform", "google_genai", "libclang", "tensorboard_data_server"),
)
"""Distributions, as the folders of their metadata are named."""
FOLDERS = ("tensorflow/include",)
STRIPPED = "tensorflow"
"""Its libraries come with symbols for a linker, 300 MB of them."""


def remove_distribution(packages: Path, name: str) -> None:
    """Removes the files that the distribution recorded; one that is not there is passed over."""
    for metadata in packages.glob(f"{name}-*.dist-info"):
        with (metadata / "RECORD").open(newline="") as record:
            rows = list(csv.reader(record))
        # Scripts are recorded as ../../../bin/NAME.
        files = [Path(os.path.normpath(packages / row[0])) for row in rows]
        for file in files:
            file.unlink(missing_ok=True)
        folders = {folder for file in files for folder in file.parents}
        for folder in sorted(folders, reverse=True):
            if packages in folder.parents:
                # Bytecode is compiled afterwards for what is left.
                shutil.rmtree(folder / "__pycache__", ignore_errors=True)
                _remove_empty(folder)
        shutil.rmtree(metadata, ignore_errors=True)


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(file.is_file() for file in folder.rglob("*")):
        shutil.rmtree(folder)


def test_folders(packages: Path) -> Iterator[Path]:
    """Packages' own tests: folders called `tests`."""
    for folder, names, _ in os.walk(packages):
        if "tests" in names:
            names.remove("tests")
            yield Path(folder, "tests")


def size(folder: Path) -> int:
    """Bytes of the files below it."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())


def slim(packages: Path) -> None:
    for name in UNNEEDED:
        remove_distribution(packages, name)
    for folder in [*(packages / name for name in FOLDERS), *test_folders(packages)]:
        shutil.rmtree(folder, ignore_errors=True)
    libraries = [str(file) for file in (packages / STRIPPED).rglob("*.so*") if file.is_file()]
    if libraries:
        subprocess.run(["strip", "--strip-unneeded", *libraries], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environment", type=Path, help="whose packages lose files for good")
    environment = parser.parse_args().environment
    found = [*environment.glob("lib/python3.*/site-packages")]
    if len(found) != 1:
        parser.error(f"{environment} is no virtual environment; name one.")
    [packages] = found
    before = size(packages)
    slim(packages)
    print(f"{before / 1e6:,.0f} MB, now {size(packages) / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
