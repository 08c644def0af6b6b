"""Executes docker/Dockerfile without Docker: its own instructions, in a Debian root.

usage, as root, in a minimal Debian trixie root that is made once and kept:
  .ci/current_lane --root /var/tmp/trixie python3 docker/rehearse.py

Every stage begins from the root as it is, not from the slim image, and all stages share one file
system: that is what a rehearsal cannot show. Afterwards, as the image's user and with nothing but
its environment, the entry point prints its help from another folder and runs one step, the health
check passes, and every executor of the pipeline is imported.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from dockerfile import Instruction, Stage, parse

CONTEXT = Path(__file__).resolve().parent.parent
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
MARK = Path("/.complete")
"""Lies in a root that .ci/current_lane made, and on no machine that somebody uses."""
STEP_OUTPUT = Path("/tmp/kfp_outputs/output_metadata.json")
SCHEMA = CONTEXT / "configs" / "fashion_mnist.schema.pbtxt"
IMPORTS = """
import importlib
from pipeline.kubeflow.validation.tasks.executors import EXECUTORS
for path in EXECUTORS:
    importlib.import_module(path.rpartition(".")[0])
print(f"all {len(EXECUTORS)} executors can be imported")
"""
"""Run by the image's Python; the pipeline itself knows which executors its steps have."""


class Image:
    """The state that instructions change: environment, folder, user, health check."""

    def __init__(self) -> None:
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.folder = Path("/")
        self.user: int | None = None
        self.health: list[str] = []
        self.command: list[str] = []

    def run(self, command: Sequence[str], *, folder: Path | None = None) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=folder or self.folder,
            env={**network_settings(), **self.environment, "HOME": self._home()},
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
        )

    def _home(self) -> str:
        return "/home/pipeline" if self.user else os.environ.get("HOME", "/root")

    def do(self, instruction: Instruction) -> None:
        name = instruction.name
        if name == "ENV":
            self.environment.update(instruction.pairs())
        elif name == "WORKDIR":
            self.folder = self.folder / instruction.text
            self.folder.mkdir(parents=True, exist_ok=True)
        elif name == "USER":
            self.user = int(instruction.text)
        elif name == "RUN":
            # A machine may trust authorities of its own, which an upgrade of the package drops.
            trusted = AUTHORITIES.read_bytes()
            self.run(instruction.command())
            AUTHORITIES.write_bytes(trusted)
        elif name == "COPY":
            self.copy(instruction)
        elif name == "HEALTHCHECK":
            self.health = instruction.command()
        elif name == "CMD":
            self.command = instruction.command()

    def copy(self, instruction: Instruction) -> None:
        flags, text = instruction.flags()
        *sources, target = text.split()
        if "from" in flags:
            # All stages share this file system, so what is copied between them is there.
            if sources != [target] or not Path(target).exists():
                raise SystemExit(f"line {instruction.line}: {target} was not made by the stage")
            return
        place = self.folder / target
        for source in sources:
            path = CONTEXT / source
            if path.is_dir():
                shutil.copytree(
                    path, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)


def one_step(python: str) -> list[str]:
    """The command of ImportSchemaGen as open-source Kubeflow would start it."""
    text = SCHEMA.read_text(encoding="utf-8")
    schema_type = {"instanceSchema": "title: tfx.Schema\ntype: object\n"}
    artifact = {"type": schema_type, "uri": "gs://bucket/schema"}
    executor_input = {
        "inputs": {
            "parameterValues": {
                "schema_text": text,
                "schema_sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
        },
        "outputs": {
            "artifacts": {"schema": {"artifacts": [artifact]}},
            "outputFile": str(STEP_OUTPUT),
        },
    }
    entry_point = [python, "-m", "pipeline.kubeflow.entrypoint"]
    return [
        *("env", f"KUBEFLOW_LAUNCHER_ROOT={STEP_OUTPUT.parent}", *entry_point),
        *("--executor_class_path", "components.import_schema_gen.executor.Executor"),
        *("--json_serialized_invocation_args", json.dumps(executor_input)),
    ]


def network_settings() -> dict[str, str]:
    """What this machine needs to reach package indexes; Docker takes it from its own settings."""
    prefixes = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_")
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(prefixes) or name.lower().endswith("_proxy")
    }


def undo() -> None:
    """Removes what an earlier rehearsal made in this root."""
    for folder in ("/opt/uv", "/opt/venv", "/opt/project", STEP_OUTPUT.parent):
        shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["userdel", "--remove", "pipeline"], capture_output=True)


def rehearse(stages: Sequence[Stage]) -> None:
    undo()
    for stage in stages:
        image = Image()
        for instruction in stage.instructions:
            start = time.monotonic()
            print(f"{instruction.name} {instruction.text[:90]}", flush=True)
            image.do(instruction)
            print(f"  {time.monotonic() - start:.1f} s", flush=True)
    print(f"as user {image.user}: {' '.join(image.command)}", flush=True)
    image.run(image.command, folder=Path("/"))
    image.run(image.health)
    image.run(one_step(image.command[0]), folder=Path("/"))
    written = json.loads(STEP_OUTPUT.read_text())
    assert "schema" in written["artifacts"], written
    image.run([image.command[0], "-c", IMPORTS])
    image.run(
        [image.command[0], "-c", "import os, sys; assert os.getuid(), 'root'; print(sys.version)"]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    if not MARK.exists():
        parser.error(
            "this installs packages, makes folders in /opt and a user, and / is no root that"
            " .ci/current_lane made: run `.ci/current_lane --root /var/tmp/trixie python3"
            " docker/rehearse.py`."
        )
    rehearse(parse(CONTEXT / "docker" / "Dockerfile"))
    print("The Dockerfile's instructions work.")


if __name__ == "__main__":
    main()
