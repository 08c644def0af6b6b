#!/usr/bin/env python3
"""Starts one worker of Beam with the packages that a pipeline staged for it, this project too.

A worker pool (`python -m apache_beam.runners.worker.worker_pool_main --container_executable=FILE`)
or a container calls it as Beam's own `boot`, a program that only Beam's images hold. It needs
Python with apache-beam and what the nodes import, but not this project: copy this one file to the
workers.

Packages are unpacked, not built: source distributions and wheels of pure Python, as this project
and a user's folder of code are. Their requirements have to be there.

The contract, https://s.apache.org/beam-fn-api-container-contract: the provision service tells the
options and what was staged, the artifact service gives it out.
"""

from __future__ import annotations

import argparse
import os
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

LARGEST = 1 << 30
"""Bytes of one package, packed or unpacked; ours has two million."""
MEMBERS = 100_000
"""Files of one package."""
_SECONDS = 60.0
_STAGING_TO = "beam:artifact:role:staging_to:v1"
_LISTS = ("extra_packages.txt", "submission_environment_dependencies.txt")
"""Staged beside the packages: their names, and what the submitter had installed."""
_SESSION = "pickled_main_session"


class BootError(Exception):
    """Why the worker does not start."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Becomes the worker; ends the process with a sentence where it cannot."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--id", required=True)
    for service in ("logging", "artifact", "provision", "control"):
        parser.add_argument(f"--{service}_endpoint", default="")
    parser.add_argument("--semi_persist_dir", default=None, help="where packages are unpacked")
    options, _ = parser.parse_known_args(arguments)
    try:
        if not options.provision_endpoint:
            raise BootError("no --provision_endpoint is given; let a worker pool or Beam start it.")
        environment = _environment(options)
    except BootError as error:
        sys.exit(f"Worker {options.id} does not start: {error}")
    worker = "apache_beam.runners.worker.sdk_worker_main"
    # A worker pool keeps the output in a pipe that it never reads: once full, it would block.
    os.dup2(2, 1)
    os.execve(sys.executable, [sys.executable, "-m", worker], environment)


def _environment(options: argparse.Namespace) -> dict[str, str]:
    """What the worker's process is told."""
    import grpc
    from google.protobuf import json_format

    try:
        info = _provision(options)
        folder = Path(tempfile.mkdtemp(prefix="beam-worker-", dir=options.semi_persist_dir))
        paths = []
        for name, file in _staged(options, info, folder):
            if name == _SESSION:
                (folder / "staged").mkdir()
                file.rename(folder / "staged" / name)
            elif name not in _LISTS:
                paths.append(str(unpack(file, name, folder / "packages" / name)))
    except grpc.RpcError as error:
        said = getattr(error, "details", lambda: None)() or error
        raise BootError(f"the runner does not say what to install: {said}.") from error
    except OSError as error:
        raise BootError(f"its packages cannot be kept: {error}.") from error
    found = {
        **os.environ,
        "WORKER_ID": options.id,
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "SEMI_PERSISTENT_DIRECTORY": str(folder),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
        "PYTHONPATH": os.pathsep.join([*paths, *filter(None, [os.environ.get("PYTHONPATH")])]),
        # Else a folder in which the pool was started would take the place of modules.
        "PYTHONSAFEPATH": "1",
    }
    logs = options.logging_endpoint or info.logging_endpoint.url
    control = options.control_endpoint or info.control_endpoint.url
    found["CONTROL_API_SERVICE_DESCRIPTOR"] = f'url: "{control}"'
    if logs:
        found["LOGGING_API_SERVICE_DESCRIPTOR"] = f'url: "{logs}"'
    return found


def _provision(options: argparse.Namespace) -> Any:
    from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc

    stub = beam_provision_api_pb2_grpc.ProvisionServiceStub(
        _channel(options.provision_endpoint, options.id)
    )
    request = beam_provision_api_pb2.GetProvisionInfoRequest()
    return stub.GetProvisionInfo(request, timeout=_SECONDS).info


def _staged(options: argparse.Namespace, info: Any, folder: Path) -> Sequence[tuple[str, Path]]:
    """What the pipeline staged: names, and where each is now."""
    from apache_beam.portability.api import (
        beam_artifact_api_pb2,
        beam_artifact_api_pb2_grpc,
        beam_runner_api_pb2,
    )

    if not info.dependencies:
        return ()
    endpoint = options.artifact_endpoint or info.artifact_endpoint.url
    stub = beam_artifact_api_pb2_grpc.ArtifactRetrievalServiceStub(_channel(endpoint, options.id))
    wanted = beam_artifact_api_pb2.ResolveArtifactsRequest(artifacts=info.dependencies)
    found = []
    for artifact in stub.ResolveArtifacts(wanted, timeout=_SECONDS).replacements:
        if artifact.role_urn != _STAGING_TO:
            raise BootError(f"the role {artifact.role_urn} of what was staged is not known.")
        role = beam_runner_api_pb2.ArtifactStagingToRolePayload.FromString(artifact.role_payload)
        name = role.staged_name
        if not name or Path(name).name != name or name.startswith("."):
            raise BootError(f"{name!r} is no name for a file.")
        file = folder / name
        request = beam_artifact_api_pb2.GetArtifactRequest(artifact=artifact)
        size = 0
        with file.open("xb") as target:
            for block in stub.GetArtifact(request):
                size += len(block.data)
                if size > LARGEST:
                    raise BootError(f"{name} is larger than {LARGEST >> 30} GB.")
                target.write(block.data)
        found.append((name, file))
    return found


def unpack(file: Path, name: str, target: Path) -> Path:
    """The folder to import from, of a package that is unpacked into `target`.

    Raises:
      BootError: it is neither a source distribution nor a wheel of pure Python, damaged, or would
        take more than LARGEST bytes.
    """
    try:
        if name.endswith(".whl"):
            return _unpack_wheel(file, name, target)
        if name.endswith((".tar.gz", ".tgz")):
            return _unpack_source(file, name, target)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError) as error:
        raise BootError(f"{name} is damaged: {error}.") from error
    raise BootError(
        f"{name} is neither a wheel nor a source distribution; install what a requirements file "
        "names on the workers."
    )


def _unpack_wheel(file: Path, name: str, target: Path) -> Path:
    if not name.endswith("-none-any.whl"):
        raise BootError(f"{name} is not of pure Python; install it on the workers.")
    with zipfile.ZipFile(file) as archive:
        _bounded(name, [entry.file_size for entry in archive.infolist()])
        archive.extractall(target)  # It takes `..` and leading slashes off the names.
    return target


def _unpack_source(file: Path, name: str, target: Path) -> Path:
    with tarfile.open(file, "r:gz") as archive:
        sizes = []
        for member in archive:
            sizes.append(member.size)
            _bounded(name, sizes)
            if member.name.endswith((".c", ".cc", ".cpp", ".pyx", ".rs")):
                raise BootError(f"{name} is not of pure Python; install it on the workers.")
        archive.extractall(target, filter="data")
    inside = [*target.iterdir()]
    top = inside[0] if len(inside) == 1 else target
    return top / "src" if (top / "src").is_dir() else top


def _bounded(name: str, sizes: Sequence[int]) -> None:
    if len(sizes) > MEMBERS or sum(sizes) > LARGEST:
        raise BootError(f"{name} unpacks to more than {LARGEST >> 30} GB or {MEMBERS} files.")


def _channel(endpoint: str, worker: str) -> Any:
    import grpc
    from apache_beam.runners.worker.worker_id_interceptor import WorkerIdInterceptor

    unbounded = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    channel = grpc.insecure_channel(endpoint, options=unbounded)
    return grpc.intercept_channel(channel, WorkerIdInterceptor(worker))


if __name__ == "__main__":
    main()
