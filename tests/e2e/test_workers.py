"""The runner with Beam's workers in other processes: the same bytes, also after a worker died."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import beam_service
from tests.beam_service import BeamService
from tests.e2e import warm
from tests.e2e.clone import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.extended]

SETTINGS: dict[str, Any] = {
    "name": "pets",
    "code": "pets/mine.py",
    "data": {"format": "code", "files": "pets.txt"},
    "features": {"age": {"kind": "number"}, "breed": {"kind": "category"}},
    "label": {"name": "kind", "kind": "classes", "values": ["cat", "dog"]},
    "training": {"epochs": 8, "batch_size": 16, "learning_rate": 1e-2},
    "evaluation": {
        "metrics": [{"metric": "SparseCategoricalAccuracy", "overall": {"min": 0.8}}],
    },
    "serving_check": {"growth_requests": 300, "comparison_requests": 20, "latency_requests": 20},
}
CODE = """
import os


def examples(path):
    with open(path) as file:
        for number, line in enumerate(file):
            # Kills its worker once, in the middle, when it is told to.
            if number == 200 and os.path.exists("{trap}"):
                os.remove("{trap}")
                os.kill(os.getpid(), 9)
            age, breed, kind = line.strip().split(";")
            yield {{"age": age, "breed": breed, "kind": kind}}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BeamService]:
    with beam_service.service(tmp_path_factory.mktemp("beam service")) as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workers")
    (folder / "pets").mkdir()
    (folder / "pets/mine.py").write_text(CODE.format(trap=folder / "trap"))
    random = np.random.default_rng(0)
    lines = []
    for _ in range(400):
        is_dog = bool(random.integers(2))
        breed = ["Manx", "Korat", "Boxer", "Pug"][2 * is_dog + random.integers(2)]
        lines.append(f"{random.normal(6, 2) + is_dog:.1f};{breed};{'dog' if is_dog else 'cat'}\n")
    (folder / "pets.txt").write_text("".join(lines))
    return folder


def run(folder: Path, root: str, beam: dict[str, Any], *arguments: str) -> dict[str, Any]:
    (folder / "settings.yaml").write_text(json.dumps({**SETTINGS, "beam": beam}))
    command = [str(REPOSITORY / "local_runner.py"), "--config", "settings.yaml"]
    done = warm.run([*command, "--root", root, "--json", *arguments], cwd=folder)
    assert "Traceback" not in done.stderr
    return {**json.loads(done.stdout), "said": done.stderr}


def digests(root: Path) -> dict[str, str]:
    """Of all that ExampleGen wrote, by split and file."""
    [execution] = (root / "artifacts/ExampleGen/examples").iterdir()
    return {
        str(path.relative_to(execution)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(execution.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, str]:
    """The digests of what this process makes alone."""
    assert run(folder, "one", {}, "--to", "ExampleGen")["outcome"] == "unfinished"
    found = digests(folder / "one")
    assert len(found) >= 3
    return found


def test_workers_elsewhere_make_the_same_bytes_and_bless_a_model(
    service: BeamService, folder: Path, expected: dict[str, str]
) -> None:
    # The last node that Beam runs; tests/e2e/test_user_code.py pushes such a model.
    summary = run(folder, "there", service.settings, "--jobs", "2", "--to", "Evaluator")
    assert summary["evaluation"]["blessed"], summary["said"]
    assert "Beam workers answer, on " in summary["said"]
    assert digests(folder / "there") == expected


def test_a_worker_that_dies_ends_the_run_and_the_next_one_makes_the_same_bytes(
    folder: Path, expected: dict[str, str]
) -> None:
    (folder / "trap").touch()
    broken = run(folder, "two", {"workers": 2}, "--to", "ExampleGen", "--jobs", "2")
    assert broken["outcome"] == "failed", broken["said"]
    assert broken["reason"].startswith("ExampleGen: One of Beam's worker processes died")
    assert not (folder / "trap").exists()

    run(folder, "two", {"workers": 2}, "--to", "ExampleGen")
    assert digests(folder / "two") == expected
