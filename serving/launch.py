"""Starts a model server of one's own on a base path, and ends it for sure."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from typing_extensions import Self

from serving.backends.backend import Backend as Starter
from serving.backends.backend import Order
from serving.backends.binary import Binary
from serving.backends.children import tell_how_they_end
from serving.backends.docker import Docker
from serving.backends.embedded import Embedded
from serving.backends.ending import Ending, blames_machine
from serving.backends.errors import LaunchError, UnavailableError
from serving.backends.log import ServerLog
from serving.backends.name import Backend, BackendName
from serving.backends.place import grpc_port, server_folder
from serving.backends.port import HOST
from serving.backends.process import Memory, ServerProcess
from serving.backends.shortage import lacking
from serving.clients.rest_client import RestClient, ServingError, cause

__all__ = ["Backend", "LaunchError", "ModelServer", "UnavailableError", "choose", "launch"]

STARTERS: Sequence[Starter] = (Binary(), Docker(), Embedded())
"""In the order in which `auto` tries them."""
STOP_SECONDS = 10.0
"""Between the request to stop and the kill."""
POLL_SECONDS = 0.05
LACKING_SECONDS = 5.0
"""For which this machine may lack what it takes to ask, before nobody goes on trying."""
_SILENT_SECONDS = 1.0
"""For which a server that can go on with its work leaves nobody without its status."""
_STARVED = 0.3
"""Share of the time for loading without a processor, or stopped, from which on the machine is to
blame."""


class ModelServer:
    """A running model server; leaving its `with` block ends it."""

    def __init__(
        self,
        backend: BackendName,
        process: ServerProcess,
        model_name: str,
        log: Path,
        cleanup: contextlib.ExitStack,
    ) -> None:
        """Takes over a process, and what to clean up after it; `launch` makes one."""
        self._process = process
        self._model_name = model_name
        self._log = ServerLog(log)
        self._stopped = False
        self._silent = 0.0
        self._cleanup = cleanup
        self.backend = backend
        """What is running: `tensorflow_model_server`, `docker` or `embedded`."""
        self.rest_url = f"http://{HOST}:{process.port}"
        self.grpc_target = process.grpc_target
        """For grpc.insecure_channel; None when the server was started without gRPC."""
        self.pid = process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.returncode is None

    @property
    def held(self) -> bool:
        """Whether the process is stopped, or waits for a disk that does not answer."""
        return self._process.held

    @property
    def last_line(self) -> str:
        """The last thing the server said, stack traces aside; "" when it said nothing."""
        return self._log.last_line

    @property
    def shortage(self) -> str:
        """What it said of something that the machine ran out of, such as descriptors; "" if
        nothing."""
        return self._log.shortage

    @property
    def waited_seconds(self) -> float:
        """For which it could have run so far, and was given no processor, where the system tells;
        or was stopped while it was waited for."""
        return self._process.waited_in_vain() + self._silent

    def wait_available(self, version: int | None = None, timeout: float = 60.0) -> None:
        """Returns once the version, or any when none is given, is AVAILABLE.

        Raises:
          UnavailableError: the server gave the version up, crashed while it loaded it, or took
            longer than `timeout` seconds: the model is to blame.
          LaunchError: the server ended before it came to loading, or did not come to it in time,
            was killed, stopped or starved of processors, or found that the machine lacks something:
            memory, descriptors, room, a library; or it cannot be asked for want of such a thing.
        """
        deadline = time.monotonic() + timeout
        askable = time.monotonic()
        client = RestClient(self.rest_url, self._model_name, timeout=max(timeout, POLL_SECONDS))
        wanted = self._model_name if version is None else f"version {version} of {self._model_name}"
        while True:
            if not self.alive:
                raise self.failure(f"before {wanted} was available")
            states = []
            try:
                with self._noting_silence():
                    states = client.status(version)
            except (OSError, ServingError) as error:
                mend = lacking(error)
                if mend and time.monotonic() > min(askable + LACKING_SECONDS, deadline):
                    raise LaunchError(
                        f"The model server cannot be asked for {wanted} ({cause(error)}); {mend}."
                    ) from error
            else:
                mend = None
            if not mend:
                askable = time.monotonic()
            if any(state["state"] == "AVAILABLE" for state in states):
                return
            for state in states:
                problem = state["status"].get("error_message")
                if version is not None and state["state"] == "END" and problem:
                    code = str(state["status"].get("error_code", ""))
                    kind = LaunchError if blames_machine(f"{code}: {problem}") else UnavailableError
                    raise kind(f"The model server gave up {wanted}: {problem}")
            if time.monotonic() > deadline:
                raise self._too_slow(wanted, timeout)
            time.sleep(POLL_SECONDS)

    @contextlib.contextmanager
    def _noting_silence(self) -> Iterator[None]:
        """Notes the time in which a server that has nothing to do for it does not answer."""
        asked, busy = time.monotonic(), self._process.worked() + self._process.waited_in_vain()
        try:
            yield
        finally:
            busy = self._process.worked() + self._process.waited_in_vain() - busy
            silent = time.monotonic() - asked - max(busy, 0.0)
            if silent > _SILENT_SECONDS:
                self._silent += silent

    def failure(self, when: str) -> LaunchError:
        """The error that tells why a server that is not `alive` has ended.

        Args:
          when: continues the sentence, such as "while it was asked".

        Returns:
          an UnavailableError when its model can have brought that about; a plain LaunchError when
          it was killed, or said that the machine or the installation lacks something.
        """
        ending = Ending(self._process.wait())
        if self._stopped:
            return LaunchError("The model server has ended: it was stopped before it was asked.")
        told = self._log.told_to_stop
        if ending.from_outside or told:
            how = "was told to stop" if told else ending
            return LaunchError(f"The model server {how} {when}; {ending.mend}, and try again.")
        message = f"The model server {ending} {when}; it said: {self._log.reason}"
        if not self._log.blames_model:
            return LaunchError(message)
        error = UnavailableError(message)
        error.again = ending.may_come_from_outside
        return error

    def _too_slow(self, wanted: str, timeout: float) -> LaunchError:
        waited = self.waited_seconds
        starved = self._process.held or waited > _STARVED * timeout
        message = f"The model server did not make {wanted} available within {timeout:g} s"
        if starved:
            message = f"{message}, while it waited {waited:.1f} s for a processor or was held"
        message = f"{message}; it said: {self._log.reason}"
        if starved or not self._log.blames_model:
            return LaunchError(message)
        return UnavailableError(message)

    def rss_megabytes(self) -> float:
        """Resident memory now, in 10^6 bytes.

        Raises:
          LaunchError: the server has ended.
        """
        return self._memory().now / 1e6

    def peak_rss_megabytes(self) -> float:
        """Peak resident memory so far, in 10^6 bytes; where no peak is kept, what is resident now.

        Raises:
          LaunchError: the server has ended.
        """
        return self._memory().peak / 1e6

    def _memory(self) -> Memory:
        memory = self._process.memory()
        if memory is None:
            raise self.failure("while it was asked")
        return memory

    def stop(self) -> None:
        """Ends the server: politely, and after ten seconds by force. May be called again."""
        self._stopped = True
        self._process.stop(STOP_SECONDS)
        self._cleanup.close()


def launch(
    base_path: str | os.PathLike[str],
    model_name: str,
    *,
    backend: Backend = "auto",
    env: Mapping[str, str] | None = None,
    log_path: str | os.PathLike[str] | None = None,
    poll_seconds: float = 1.0,
    load_retries: int = 0,
    grpc: bool = False,
    flags: Sequence[str] = (),
) -> ModelServer:
    """Starts a model server on a free port of this machine.

    For example::

        with launch("workspace/serving/letters", "letters") as server:
            server.wait_available()
            RestClient(server.rest_url, "letters").predict(images)

    The server ends with the `with` block, and also when this process dies.

    Args:
      base_path: folder with the versions, or its address in an object store.
      model_name: the name to serve them under.
      backend: which server; `auto` takes the first that works here of `tensorflow_model_server` on
        PATH, the Docker image `tensorflow/serving` if it is there, and the embedded server.
      env: environment variables to set for the server beyond those that it has anyway: of this
        process or, with Docker, of the image.
      log_path: where its output goes; a temporary file by default, removed with the server.
      poll_seconds: time between the server's looks at the base path; a part of a second is a whole
        one to all but the embedded server.
      load_retries: how often it repeats a failed load, a minute apart.
      grpc: whether it answers gRPC too.
      flags: more flags of the server, such as `--enable_batching=true`; a path in them is one in
        the container with Docker.

    Raises:
      LaunchError: the backend does not work here, or the process cannot be started.
    """
    starter = choose(backend)
    tell_how_they_end()
    with contextlib.ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(server_folder()))
        log = Path(log_path) if log_path else folder / "server.log"
        with log.open("ab") as output:
            order = Order(
                base_path=absolute(os.fspath(base_path)),
                model_name=model_name,
                flags=[*_patience(poll_seconds, load_retries), *flags],
                poll_seconds=poll_seconds,
                env=env or {},
                grpc=grpc,
                folder=folder,
                output=output,
                grpc_port=grpc_port(folder, cleanup),
            )
            process = starter.start(order, cleanup)
        return ModelServer(starter.name, process, model_name, log, cleanup.pop_all())


def _patience(poll_seconds: float, load_retries: int) -> tuple[str, str]:
    return (
        f"--file_system_poll_wait_seconds={math.ceil(poll_seconds)}",
        f"--max_num_load_retries={load_retries}",
    )


def absolute(base_path: str) -> str:
    """A base path as every model server takes it; TensorFlow Serving refuses a relative one."""
    return base_path if "://" in base_path else os.path.abspath(base_path)


def choose(backend: Backend) -> Starter:
    """The backend that is asked for, or the first that works here.

    Raises:
      LaunchError: it does not work here.
    """
    for starter in STARTERS:
        if backend not in ("auto", starter.name):
            continue
        missing = starter.missing()
        if missing is None:
            return starter
        if backend != "auto":
            raise LaunchError(f"Backend {backend} was asked for, but: {missing}")
    known = ", ".join(starter.name for starter in STARTERS)
    raise LaunchError(f"There is no backend {backend!r}; choose auto or one of {known}.")
