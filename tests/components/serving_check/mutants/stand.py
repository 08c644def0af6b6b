"""Many candidates on one model server, each held against the checks of correctness."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import shutil
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from components.serving_check.candidate import VERSION
from components.serving_check.checks import load
from components.serving_check.checks.check import Check
from components.serving_check.connection import Connection
from components.serving_check.options import Options
from components.serving_check.reference import Reference, read_reference
from components.serving_check.run_checks import CORRECTNESS, run_checks
from components.serving_check.served import Served
from components.serving_check.warm_up_file import prepare_warm_up
from documents.features import Features
from documents.reference import EXAMPLES, PROBABILITIES, QUESTIONS
from documents.saved_model import WARM_UP_FILE
from serving.clients.grpc_client import GrpcClient
from serving.clients.rest_client import RestClient, ServingError
from serving.launch import ModelServer, launch
from tests.components.serving_check.mutants.registry import MODEL

CHUNK = 30
"""Candidates on one server: each takes a hundred megabytes there, warmed up and asked."""
SESSION = "graph_options { rewrite_options { disable_meta_optimizer: true } }"
"""To optimize a graph takes longer than all that it is asked here. Whole runs of the check, and of
the pipeline, serve optimized ones."""
LOAD_SECONDS = 600.0
"""For all candidates of a server, one after the other, on a machine that is busy with others."""


@dataclasses.dataclass(frozen=True)
class Stand:
    """A model server that was told of every candidate."""

    server: ModelServer
    base: Path
    options: Options
    references: Mapping[str, Reference]
    """By name: what each was trained to answer."""
    test_files: Sequence[str] = ()

    def check(
        self, name: str, row: str | None = None, without: str | None = None
    ) -> dict[str, Check]:
        """The rows of one candidate: all of them, those of the drill that gives `row`, or all
        `without` those of one."""
        problem = self._load_problem(name)
        if problem is not None:
            return {load.NAME: load.failed(problem, self.options)}
        version = self.base / name / str(VERSION)
        with (
            Connection(self.server.rest_url) as connection,
            GrpcClient(str(self.server.grpc_target), name) as grpc,
        ):
            served = Served(
                server=self.server,
                connection=connection,
                grpc=grpc,
                model_name=name,
                options=self.options,
                reference=self.references[name],
                warm_up_file=self.base / name / WARM_UP_FILE,
                test_files=self.test_files,
                candidate=version,
            )
            drills = [
                drill
                for drill in CORRECTNESS
                if row in (None, drill.name) and drill.name != without
            ]
            checks, _ = run_checks(served, drills)
        return {check.name: check for check in checks}

    def _load_problem(self, name: str) -> str | None:
        client = RestClient(self.server.rest_url, name)
        deadline = time.monotonic() + LOAD_SECONDS
        while time.monotonic() < deadline:
            states = []
            with contextlib.suppress(OSError, ServingError):  # Unknown until its turn has come.
                states = client.status(VERSION)
            for state in states:
                if state["state"] == "AVAILABLE":
                    return None
                if state["state"] == "END":
                    return str(state["status"]["error_message"])
            time.sleep(0.05)
        return f"not available within {LOAD_SECONDS:g} s"


@contextlib.contextmanager
def stand(
    candidates: Mapping[str, Path],
    folder: Path,
    options: Options,
    cold: Container[str] = (),
    test_files: Sequence[str] = (),
) -> Iterator[Stand]:
    """Serves the Model artifacts `candidates` by name from base paths in `folder`.

    The first one must be a model that loads. Those that are `cold` are loaded without their
    warm-up, which takes ten times as long as loading.
    """
    references = {}
    read: dict[bytes, Reference] = {}
    for name, model in candidates.items():
        # Mutants have the very reference of the real model, which takes as long to read as to make
        # a mutant.
        content = _content_of_reference(model)
        if content not in read:
            read[content] = read_reference(str(model))
        references[name] = read[content]
        version = folder / name / str(VERSION)
        shutil.copytree(model / MODEL, version)
        warm_up = prepare_warm_up(version, name, references[name], options)
        shutil.copy(warm_up, folder / name)
        if name in cold:
            warm_up.unlink()
    # A server ends when a model that it starts with cannot be loaded; one that is added only fails.
    config = folder / "models.config"
    first, *others = candidates
    _write_config(config, folder, [first])
    session = folder / "session.config"
    session.write_text(SESSION)
    flags = [
        f"--model_config_file={config}",
        "--model_config_file_poll_wait_seconds=1",
        f"--tensorflow_session_config_file={session}",
    ]
    with launch(folder / first, first, backend="embedded", grpc=True, flags=flags) as server:
        server.wait_available(timeout=LOAD_SECONDS)
        _write_config(config, folder, [first, *others])
        yield Stand(server, folder, options, references, test_files)


def _content_of_reference(model: Path) -> bytes:
    """A digest of all that `read_reference` reads."""
    digest = hashlib.sha256()
    for file in (EXAMPLES, PROBABILITIES, QUESTIONS, Features.FILE):
        content = (model / file).read_bytes() if (model / file).exists() else b""
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.digest()


def _write_config(config: Path, folder: Path, names: Iterable[str]) -> None:
    served = "".join(
        f'config {{ name: "{name}" base_path: "{folder / name}" model_platform: "tensorflow" }}'
        for name in names
    )
    # Written beside and renamed, so that the server never reads half of it.
    unfinished = config.with_suffix(".unfinished")
    unfinished.write_text(f"model_config_list {{ {served} }}")
    unfinished.rename(config)
