"""docs/tutorial.md, command by command as it stands there, but for a port of its own and for how
many requests the serving check makes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serving.backends.port import port_of, reserve_port
from tests.e2e.clone import FEW_REQUESTS, REPOSITORY, clone_sources

pytestmark = [pytest.mark.slow, pytest.mark.extended]

PAGE = (REPOSITORY / "docs" / "tutorial.md").read_text()
EXAMPLES = (REPOSITORY / "docs" / "examples.md").read_text()
BLOCKS = re.findall(r"^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SERVE = "python -m serving serve"


def test_every_command_of_the_tutorial_works(tmp_path: Path) -> None:
    source = clone_sources(REPOSITORY, tmp_path).source
    (source / "inspection").symlink_to(REPOSITORY / "inspection")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(source),
    }
    reserved = reserve_port()
    port = port_of(reserved)
    said: list[str] = []
    serving: subprocess.Popen[bytes] | None = None
    try:
        for block in BLOCKS:
            if block.startswith(SERVE):
                command = block.replace("8501", f"{port} --grpc-port 0")
                serving = subprocess.Popen(
                    ["bash", "-c", f"exec {command}"], cwd=source, env=environment
                )
                continue
            script = block.replace(
                "serving predict", f"serving predict --url http://127.0.0.1:{port}"
            ).replace(
                "local_runner.py --config", f"local_runner.py {' '.join(FEW_REQUESTS)} --config"
            )
            said.append(_run(script, source, environment, until_served="serving predict" in block))
            if "local_runner.py init" in block:
                assert said[-1].strip() in PAGE
    finally:
        if serving is not None:
            serving.terminate()
            serving.wait(60)
        reserved.close()
    everything = "\n".join(said)
    [checks] = re.findall(r"serving check  blessed, (\d+) checks", everything)
    for page in (PAGE, EXAMPLES):
        assert f"blessed, {checks} checks" in page
    assert "✔ Pushed digits version" in everything
    [three] = re.findall(r"^(\d) .*photos/3/3\.png", everything, re.MULTILINE)
    assert three == "3"
    assert re.search(r"^Model a\d+ is live as version \d+", everything, re.MULTILINE)
    assert (source / "diabetes" / "settings.yaml").is_file()


def _run(script: str, folder: Path, environment: dict[str, str], *, until_served: bool) -> str:
    """What it prints; a model server may need some seconds before it answers."""
    deadline = time.monotonic() + 120
    while True:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return done.stdout
        if not until_served or time.monotonic() > deadline:
            pytest.fail(f"{script}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
        time.sleep(1)
