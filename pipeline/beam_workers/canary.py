"""One element that Beam's workers get before the first node, to see what they lack.

What is wrong with a worker shows otherwise in the middle of a node, as the end of a trace in a log
of another machine. This module is all that the element needs there; it imports no TensorFlow.
"""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import socket
import sys
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.beam_workers.cause import cause
from pipeline.code.hash import PACKAGES as OURS
from pipeline.code.hash import code_hash
from serving.base_path import storage

if TYPE_CHECKING:
    import apache_beam as beam

PACKAGES = (
    "apache-beam",
    "numpy",
    "tensorflow",
    "tensorflow-data-validation",
    "tensorflow-model-analysis",
    "tensorflow-transform",
    "tf-keras",
    "tfx",
    "tfx-bsl",
)
"""What the nodes import on a worker; of another version, it fails late or answers otherwise."""
MODULES = (
    "components.evaluator.executor",
    "components.example_gen.executor",
    "components.example_gen.rows.executor",
    "models.preprocessing",
)
"""What the nodes send to a worker by name."""
_MENDS = {
    False: "mount the folder at the same path on the workers, or choose a --root that they share",
    True: "give the workers credentials for it, and the address of its server where it has one",
}
"""What has them read a folder, or an address."""
_CONNECT_SECONDS = 10.0
_PREFIX = ".canary-"
_LACKS_PROJECT = re.compile(rf"No module named '({'|'.join(OURS)})\b")
_STAGING = (
    "; they do not install what is sent to them: start them with pipeline/beam_workers/boot.py, or "
    "from an image that holds this project (docs/scale.md)"
)
_ENDED = (
    "; the job service at {endpoint} ended over it, as Prism does where it cannot start a worker: "
    "its own log says why"
)


class WorkersError(RuntimeError):
    """Beam's workers cannot do the work; the message says why and what mends it."""


@dataclasses.dataclass(frozen=True)
class Canary:
    """What a worker is asked."""

    folder: str
    """Where nodes write, as every worker has to see it."""
    name: str
    code: str
    """Digest of the code that is sent by name."""
    python: str
    packages: Mapping[str, str]
    """Versions by name."""
    module: str | None = None
    """The user's own, where there is one."""

    @classmethod
    def here(cls, folder: str, module: str | None) -> Canary:
        """Asks for what this process has."""
        return cls(
            folder,
            f"{_PREFIX}{uuid.uuid4().hex}",
            code_hash(*MODULES),
            python(),
            versions(),
            module,
        )

    @property
    def question(self) -> str:
        """The file that is written here and read there."""
        return os.path.join(self.folder, self.name)

    @property
    def answer(self) -> str:
        """The file that is written there and read here."""
        return f"{self.question}.answer"


def python() -> str:
    """Major and minor version of the running one; pickled functions need the same."""
    return "{}.{}".format(*sys.version_info)


def versions() -> dict[str, str]:
    """Of the packages that are installed here."""
    found = {}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def differences(canary: Canary, code: str, version: str, found: Mapping[str, str]) -> Sequence[str]:
    """What a worker has otherwise than the process that sends it work. Pure.

    Args:
      code: the digest of its code.
      version: of its Python.
      found: the versions of its packages.
    """
    said = [f"Python {version} there and {canary.python} here"] if version != canary.python else []
    said += [
        f"{name} {found.get(name, 'missing')} there and {wanted} here"
        for name, wanted in sorted(canary.packages.items())
        if found.get(name) != wanted
    ]
    if code != canary.code:
        said.append("this project's code is another one there")
    return said


def look(canary: Canary) -> None:
    """Runs on a worker.

    Raises:
      WorkersError: something is missing there or is another one.
    """
    host, remote = platform.node(), storage.is_remote(canary.folder)
    try:
        if _read(canary.question) != canary.name:
            raise OSError("it holds something else")
    except OSError as error:
        raise WorkersError(
            f"worker {host} cannot read {canary.folder}: {error.strerror or error}; "
            f"{_MENDS[remote]}"
        ) from error
    said = differences(canary, code_hash(*MODULES), python(), versions())
    if said:
        raise WorkersError(
            f"worker {host} has {', '.join(said)}; give the workers the packages of this "
            "environment (docs/scale.md)"
        )
    if canary.module and importlib.util.find_spec(canary.module) is None:
        raise WorkersError(f"worker {host} lacks the module {canary.module} of `code`")
    try:
        _write(canary.answer, json.dumps({"host": host, "pid": os.getpid()}))
    except FileExistsError:
        pass  # Beam may run an element twice.
    except OSError as error:
        raise WorkersError(
            f"worker {host} cannot write to {canary.folder}: {error.strerror or error}; "
            f"{_MENDS[remote] if remote else f'let its user, number {os.getuid()}, write there'}"
        ) from error


def check_workers(
    arguments: Sequence[str],
    folder: str,
    *,
    endpoint: str | None,
    seconds: float,
    module: str | None = None,
) -> str:
    """Sends one element through Beam and waits for it; returns the name of the worker's machine.

    Args:
      arguments: for Beam, as the nodes get them.
      folder: where nodes write, which is made, or its address in an object store.
      endpoint: HOST:PORT of a job service, which is tried first.
      seconds: until the element has to be done.
      module: the user's own, which the workers have to find.

    Raises:
      WorkersError: the service or the workers cannot be had, or lack something.
    """
    if endpoint:
        _demand(endpoint)
    if not storage.is_remote(folder):
        os.makedirs(folder, exist_ok=True)
        for left in glob.glob(os.path.join(glob.escape(folder), f"{_PREFIX}*")):
            os.remove(left)  # of a run that was killed: one at a time has the folder
    canary = Canary.here(folder, module)
    try:
        _write(canary.question, canary.name)
        _run(arguments, canary, seconds, endpoint)
        try:
            return str(json.loads(_read(canary.answer))["host"])
        except (OSError, ValueError, KeyError) as error:
            raise WorkersError(
                f"Beam's workers wrote to a {folder} that is not the one here; mount the same "
                "folder there, or choose a --root that they share."
            ) from error
    finally:
        for path in (canary.question, canary.answer):
            with contextlib.suppress(OSError):
                storage.remove_file(path)


def _read(path: str) -> str:
    with storage.reading(path) as file:
        return file.read().decode()


def _write(path: str, text: str) -> None:
    if storage.is_remote(path):
        storage.replace(path, text.encode())
        return
    with open(path, "x", encoding="utf-8") as file:
        file.write(text)


def _demand(endpoint: str) -> None:
    if refusal := _refusal(endpoint):
        raise WorkersError(
            f"No job service answers at beam.portable.job_endpoint = {endpoint}: {refusal}; start "
            "it, or name another."
        )


def _refusal(endpoint: str) -> str | None:
    """Why nobody can be reached there; None when somebody listens."""
    host, _, port = endpoint.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _run(arguments: Sequence[str], canary: Canary, seconds: float, endpoint: str | None) -> None:
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.runners.runner import PipelineState

    try:
        pipeline = beam.Pipeline(options=PipelineOptions([*arguments]))
        _ask(pipeline, canary)
        result = pipeline.run()
        state = result.wait_until_finish(duration=int(seconds * 1000))
    # Whatever a runner raises.
    except Exception as error:
        said = cause(str(error))
        hint = _STAGING if _LACKS_PROJECT.search(said) else ""
        if endpoint and _refusal(endpoint):
            hint = _ENDED.format(endpoint=endpoint)
        raise WorkersError(f"Beam's workers cannot do the work: {said}{hint}.") from error
    if not PipelineState.is_terminal(state):
        result.cancel()
        raise WorkersError(
            f"Beam's workers did nothing for beam.start_seconds = {seconds:g}; look whether the "
            "job service can start them, and what they say."
        )


def _ask(pipeline: beam.Pipeline, canary: Canary) -> None:
    import apache_beam as beam

    _ = pipeline | "Ask" >> beam.Create([canary]) | "Look" >> beam.Map(look)
