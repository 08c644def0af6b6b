"""The server: polls base paths, keeps versions loaded, and answers until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence

from serving.server.flags import Flags
from serving.server.http_server import HttpServer
from serving.server.life_cycle import LifeCycle, State, VersionStatus
from serving.server.model_config import ModelConfig, aspired_versions
from serving.server.rest import RestApi
from serving.server.routes import ModelSpec
from serving.server.saved_model import SavedModel
from serving.server.status import Code, StatusError, invalid_argument

_logger = logging.getLogger(__name__)

_LOAD_RETRY_TICK_SECONDS = 1.0


class App:
    """One running model server."""

    def __init__(self, flags: Flags) -> None:
        """Nothing is loaded or opened yet.

        Raises:
          StatusError: INVALID_ARGUMENT for flags that do not go together.
        """
        if not flags.model_base_path:
            raise invalid_argument(
                "Both server_options.model_base_path and server_options.model_config_file are"
                " empty!"
            )
        self._flags = flags
        self._configs = [ModelConfig(flags.model_name, flags.model_base_path)]
        self._models: LifeCycle[SavedModel] = LifeCycle(
            self._load,
            max_retries=flags.max_num_load_retries,
            retry_seconds=flags.load_retry_interval_micros / 1e6,
            unloaded=_free,
        )
        self._stopping = threading.Event()

    def run(self) -> None:
        """Loads, serves, and returns after SIGTERM or SIGINT.

        Raises:
          StatusError: a model could not be loaded at the start.
          OSError: an address is taken.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        if self._flags.stop_with_stdin:
            threading.Thread(target=self._watch_stdin, name="stdin", daemon=True).start()
        # What is alive now stays alive; without it each collection walks all of TensorFlow.
        gc.collect()
        gc.freeze()
        self._load_initially()
        if self._stopping.is_set():
            return
        poller = threading.Thread(target=self._poll, name="poller", daemon=True)
        poller.start()
        asyncio.run(self._serve())
        self._stopping.set()
        poller.join()

    def _watch_stdin(self) -> None:
        # Not sys.stdin, whose lock this thread would hold while the interpreter ends.
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    def _load(self, path: str) -> SavedModel:
        return SavedModel(path, timeout_ms=self._flags.rest_api_timeout_in_ms)

    def _load_initially(self) -> None:
        """Returns once every model has a version available; waits for one to appear."""
        self._look()
        while not self._stopping.is_set():
            missing = [c for c in self._configs if not self._is_available(c.name)]
            if not missing:
                return
            failed = {c.name: self._given_up(c.name) for c in missing}
            if any(failed.values()):
                raise StatusError(Code.UNKNOWN, _not_available(failed))
            self._tick()

    def _is_available(self, name: str) -> bool:
        return any(version.state is State.AVAILABLE for version in self._status(name))

    def _given_up(self, name: str) -> dict[int, StatusError]:
        """The errors by version when no version of a model can become available any more."""
        versions = self._status(name)
        if any(version.state is not State.END for version in versions):
            return {}
        return {version.number: version.error for version in versions if version.error}

    def _status(self, name: str) -> Sequence[VersionStatus]:
        try:
            return self._models.status(ModelSpec(name))
        except StatusError:
            return ()

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._tick()

    def _tick(self) -> None:
        """Waits as long as the flag says and looks again; without polling, only retries loads."""
        seconds = self._flags.file_system_poll_wait_seconds
        if self._stopping.wait(seconds if seconds > 0 else _LOAD_RETRY_TICK_SECONDS):
            return
        if seconds > 0:
            self._look()
        else:
            self._models.step()

    def _look(self) -> None:
        for config in self._configs:
            try:
                entries = os.listdir(config.base_path)
            except OSError as error:
                # Nothing is unloaded: a file system that is away for a while takes no model down.
                _logger.error(
                    "Could not find base path %s for servable %s with error %s",
                    config.base_path,
                    config.name,
                    error.strerror,
                )
                continue
            aspired = aspired_versions(entries, config.policy)
            if not aspired:
                _logger.warning(
                    "No versions of servable %s found under base path %s. Did you forget to name"
                    " your leaf directory as a number (eg. '/1/')?",
                    config.name,
                    config.base_path,
                )
            self._models.aspire(
                config.name,
                {n: os.path.join(config.base_path, entry) for n, entry in aspired.items()},
            )
        self._models.step()

    async def _serve(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        if self._stopping.is_set():  # The signal came before its new handler.
            return
        listener = self._listener()
        server = HttpServer(
            RestApi(self._models).answer,
            threads=self._flags.rest_api_num_threads,
            max_body=self._flags.rest_api_max_body_bytes,
        )
        if listener is not None:
            await server.start(listener)
            host, port = listener.getsockname()[:2]
            _logger.info("Exporting HTTP/REST API at:%s:%d ...", host, port)
        await stop.wait()
        _logger.info("Stopping.")
        if listener is not None:
            await server.stop()

    def _listener(self) -> socket.socket | None:
        if self._flags.rest_api_socket >= 0:
            return socket.socket(fileno=self._flags.rest_api_socket)
        if not self._flags.rest_api_port:
            return None
        family = socket.AF_INET6 if ":" in self._flags.host else socket.AF_INET
        return socket.create_server((self._flags.host, self._flags.rest_api_port), family=family)


def _free() -> None:
    """Collects what unloaded models left; cheap, as the heap of the libraries is frozen."""
    gc.collect()


def _not_available(failed: dict[str, dict[int, StatusError]]) -> str:
    problems = [
        f"{{{{name: {name} version: {number}}} due to error: {error.described}}}, "
        for name, errors in failed.items()
        for number, error in errors.items()
    ]
    return f"{len(problems)} servable(s) did not become available: {{{''.join(problems)}}}"
