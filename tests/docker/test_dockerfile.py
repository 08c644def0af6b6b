"""The Dockerfile, read by the parser that rehearses it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.settings import REPOSITORY
from tests.there import there


@pytest.fixture(scope="module")
def dockerfile() -> ModuleType:
    """docker/ is no package: it runs where only the standard library is."""
    path = REPOSITORY / "docker" / "dockerfile.py"
    spec = there(importlib.util.spec_from_file_location("dockerfile", path))
    module = importlib.util.module_from_spec(spec)
    sys.modules["dockerfile"] = module
    there(spec.loader).exec_module(module)
    return module


@pytest.fixture(scope="module")
def stages(dockerfile: ModuleType) -> list:
    return dockerfile.parse(REPOSITORY / "docker" / "Dockerfile")


def test_the_image_is_slim_and_runs_as_nobody_special(stages):
    assert [stage.base for stage in stages] == ["debian:trixie-slim"] * 2
    last = {instruction.name: instruction for instruction in stages[-1].instructions}
    assert int(last["USER"].text) >= 10_000
    assert last["CMD"].command()[:3] == ["python", "-m", "pipeline.kubeflow.entrypoint"]
    assert last["HEALTHCHECK"].command()[0] == "python"
    assert last["ENV"].pairs()["PYTHONPATH"] == "/opt/project"


def test_every_package_is_checked_against_its_hash(stages):
    runs = [i.text for i in stages[0].instructions if i.name == "RUN"]
    installs = [text for text in runs if "pip install" in text or "pip sync" in text]
    assert len(installs) == 2
    assert all("--require-hashes" in text for text in installs)


def test_what_is_copied_is_there_and_not_ignored(stages):
    kept = {
        line[1:]
        for line in (REPOSITORY / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for instruction in stages[0].instructions:
        if instruction.name == "COPY":
            *sources, _ = instruction.flags()[1].split()
            for source in sources:
                assert (REPOSITORY / source).exists(), source
                assert source in kept


def test_every_package_of_the_project_is_in_the_image(stages):
    copied = {i.text.split()[0] for i in stages[0].instructions if i.name == "COPY"}
    assert {"components", "configs", "documents", "models", "pipeline", "serving"} <= copied


def test_lines_are_joined_and_comments_dropped(dockerfile, tmp_path: Path):
    file = tmp_path / "Dockerfile"
    file.write_text("FROM a AS b\n# why\nRUN one && \\\n  two\nENV A=1 B='x y'\n")
    [stage] = dockerfile.parse(file)
    run, environment = stage.instructions
    assert (stage.base, stage.name) == ("a", "b")
    assert run.command() == ["/bin/sh", "-c", "one && two"]
    assert run.line == 3
    assert environment.pairs() == {"A": "1", "B": "x y"}


def test_what_the_parser_does_not_know_is_refused(dockerfile, tmp_path: Path):
    file = tmp_path / "Dockerfile"
    file.write_text("FROM a\nADD x y\n")
    with pytest.raises(dockerfile.DockerfileError, match="2: ADD is not known"):
        dockerfile.parse(file)


def test_a_folder_of_code_lies_where_modules_are_looked_for(stages):
    text = (REPOSITORY / "docker" / "code.Dockerfile").read_text()
    copied = [line.split() for line in text.splitlines() if line.startswith("COPY")]
    last = {instruction.name: instruction for instruction in stages[-1].instructions}
    folder = last["ENV"].pairs()["PYTHONPATH"]
    assert [words[-2:] for words in copied] == [[".", f"{folder}/${{CODE}}"]]
    assert "USER" not in text  # that of the image below
