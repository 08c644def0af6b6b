"""The server: loads, opens its ports, and answers until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

from serving.server.descriptors import connections_that_fit, raise_limit
from serving.server.flags import FlagError, Flags
from serving.server.http.server import HttpServer
from serving.server.listening import listen
from serving.server.loading.saved_model import SavedModel
from serving.server.loading.warm_up import warm_up
from serving.server.metrics import Metrics
from serving.server.rest import RestApi
from serving.server.servable import Servable
from serving.server.status import invalid_argument
from serving.server.stopping import STOPPING
from serving.server.versions import text_config
from serving.server.versions.batching import BatchedModel
from serving.server.versions.core import Core
from serving.server.versions.model_config import ModelConfig
from serving.server.versions.text_config import BatchingParameters

if TYPE_CHECKING:
    from grpc import GenericRpcHandler

    from serving.server.grpc.server import GrpcServer

_logger = logging.getLogger(__name__)

_GRACE_SECONDS = 5.0


class App:
    """One running model server."""

    def __init__(self, flags: Flags) -> None:
        """Reads the configuration files; nothing is loaded or opened yet.

        Raises:
          StatusError: INVALID_ARGUMENT for flags that do not go together, or a bad file.
        """
        self._flags = flags
        self._batching = _batching(flags)
        self._parallelism = _parallelism(flags)
        self._session = (
            text_config.parse_session(text_config.read(flags.tensorflow_session_config_file))
            if flags.tensorflow_session_config_file
            else None
        )
        self._metrics = Metrics()
        self._metrics_path = (
            text_config.parse_monitoring(text_config.read(flags.monitoring_config_file))
            if flags.monitoring_config_file
            else None
        )
        self._core = Core(
            _configs(flags),
            self._load,
            poll_seconds=flags.poll_seconds,
            max_retries=flags.max_num_load_retries,
            retry_seconds=flags.load_retry_interval_micros / 1e6,
            label_unavailable=flags.allow_version_labels_for_unavailable_models,
        )
        if flags.model_config_file and flags.model_config_file_poll_wait_seconds > 0:
            self._core.watch_config(
                flags.model_config_file, flags.model_config_file_poll_wait_seconds
            )

    def _load(self, path: str) -> Servable:
        model = SavedModel(
            path,
            timeout_ms=self._flags.rest_api_timeout_in_ms,
            tags=self._flags.saved_model_tags.split(","),
            parallelism=self._parallelism,
            config=self._session,
        )
        if self._flags.enable_model_warmup:
            warm_up(model, path, self._flags.num_request_iterations_for_warmup)
        return model if self._batching is None else BatchedModel(model, self._batching)

    def run(self) -> None:
        """Loads, serves, and returns after SIGTERM or SIGINT.

        Raises:
          StatusError: a model could not be loaded at the start.
          OSError: an address is taken.
        """
        raise_limit()
        for number in _SIGNALS:
            signal.signal(number, lambda *_: self._core.stop())
        if self._flags.stop_with_stdin:
            threading.Thread(target=_watch_stdin, name="stdin", daemon=True).start()
        # What is alive now stays alive; without it each collection walks all of TensorFlow.
        gc.collect()
        gc.freeze()
        self._core.start()
        if self._core.stopped:
            _logger.info(STOPPING)
        else:
            asyncio.run(self._serve())
            self._core.stop()

    async def _serve(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, stop.set)
        rest = await self._open_rest()
        grpc = self._open_grpc()
        if not self._core.stopped:  # Unless the signal came before its new handler.
            await stop.wait()
        _logger.info(STOPPING)
        if rest is not None:
            await rest.stop(_GRACE_SECONDS)
        if grpc is not None:
            await asyncio.to_thread(grpc.stop, _GRACE_SECONDS)

    async def _open_rest(self) -> HttpServer | None:
        listener = self._rest_listener()
        if listener is None:
            return None
        flags = self._flags
        api = RestApi(
            self._core.models,
            self._metrics,
            self._metrics_path,
            cors=flags.rest_api_enable_cors_support,
        )
        server = HttpServer(
            api.answer,
            threads=flags.rest_api_num_threads,
            max_body=flags.rest_api_max_body_bytes,
            max_connections=self._connections(),
            idle_seconds=flags.idle_timeout_seconds,
        )
        await server.start(listener)
        host, port = listener.getsockname()[:2]
        _logger.info("Exporting HTTP/REST API at:%s:%d ...", host, port)
        return server

    def _connections(self) -> int:
        """How many each API may have; another share stays for models and files."""
        return connections_that_fit(self._flags.max_connections, shares=3)

    def _rest_listener(self) -> socket.socket | None:
        if self._flags.rest_api_socket >= 0:
            return socket.socket(fileno=self._flags.rest_api_socket)
        if not self._flags.rest_api_port:
            return None
        if self._flags.rest_api_port == self._flags.port:
            _logger.error(
                "server_options.http_port cannot be same as grpc_port. Please use a different port"
                " for HTTP/REST API. Skipped exporting HTTP/REST API."
            )
            return None
        flags = self._flags
        return listen(flags.host, flags.rest_api_port, flag="--rest_api_port")

    def _open_grpc(self) -> GrpcServer | None:
        addresses = []
        if self._flags.port:
            host = f"[{self._flags.host}]" if ":" in self._flags.host else self._flags.host
            addresses.append(f"{host}:{self._flags.port}")
        if self._flags.grpc_socket_path:
            addresses.append(f"unix:{os.path.abspath(self._flags.grpc_socket_path)}")
        if not addresses:
            return None
        # Only now: without gRPC there is no need to load it.
        from serving.server.grpc.server import GrpcServer

        server = GrpcServer(
            self._grpc_handlers(),
            threads=self._flags.grpc_max_threads,
            arguments=self._flags.grpc_channel_arguments,
            max_connections=self._connections(),
            idle_seconds=self._flags.idle_timeout_seconds,
        )
        for address in addresses:
            server.open(address)
            _logger.info("Running gRPC ModelServer at %s ...", address)
        server.start()
        return server

    def _grpc_handlers(self) -> list[GenericRpcHandler]:
        from serving.server.grpc import health as grpc_health
        from serving.server.grpc.services import GrpcServices

        services = GrpcServices(
            self._core,
            self._metrics,
            as_content=self._flags.enable_serialization_as_tensor_content,
        )
        health = self._flags.enable_grpc_healthcheck_service
        return [*services.handlers(), *([grpc_health.handler()] if health else [])]


_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def _watch_stdin() -> None:
    # Not sys.stdin, whose lock this thread would hold while the interpreter ends.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _configs(flags: Flags) -> list[ModelConfig]:
    if flags.model_config_file:
        return text_config.parse_models(text_config.read(flags.model_config_file)) or []
    return [text_config.checked(ModelConfig(flags.model_name, flags.model_base_path))]


def _parallelism(flags: Flags) -> tuple[int, int]:
    try:
        return flags.parallelism
    except FlagError as error:
        raise invalid_argument(str(error)) from error


def _batching(flags: Flags) -> BatchingParameters | None:
    if not flags.batching_parameters_file:
        return BatchingParameters() if flags.enable_batching else None
    if not flags.enable_batching:
        raise invalid_argument(
            "server_options.batching_parameters_file is set without setting"
            " server_options.enable_batching to true."
        )
    return text_config.parse_batching(text_config.read(flags.batching_parameters_file))
