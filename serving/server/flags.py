"""The flags of `tensorflow_model_server` that this server knows, in its syntax."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

from documents.saved_model import WARM_UP


class FlagError(ValueError):
    """A flag has a value that does not fit."""


def _flag(default: Any, help_text: str) -> Any:
    return dataclasses.field(default=default, metadata={"help": help_text})


@dataclasses.dataclass(frozen=True)
class Flags:
    """Values of the flags; names and defaults are upstream's (model_servers/main.cc)."""

    port: int = _flag(8500, "Port of the gRPC API; 0 for none.")
    grpc_socket_path: str = _flag("", "Unix socket of the gRPC API.")
    grpc_channel_arguments: str = _flag("", "Arguments of the gRPC server, as key=value,….")
    rest_api_port: int = _flag(0, "Port of the REST API; 0 for none.")
    rest_api_num_threads: int = _flag(
        4 * (os.cpu_count() or 1), "Threads that answer REST requests."
    )
    grpc_max_threads: int = _flag(
        4 * (os.cpu_count() or 1), "Requests of the gRPC API that are answered at a time."
    )
    rest_api_timeout_in_ms: int = _flag(30000, "How long a run of a graph may take.")
    rest_api_enable_cors_support: bool = _flag(
        False, "Let pages of other origins read the answers."
    )
    saved_model_tags: str = _flag("serve", "Tags of the meta graph to load, separated by commas.")
    model_name: str = _flag("default", "Name of the model.")
    model_base_path: str = _flag("", "Folder whose numbered folders are the model's versions.")
    model_config_file: str = _flag("", "ModelServerConfig as text, instead of the two above.")
    model_config_file_poll_wait_seconds: int = _flag(
        0, "Time between two looks at that file; 0 for none."
    )
    file_system_poll_wait_seconds: int = _flag(
        1, "Time between two looks at the base paths; 0 or less to look once."
    )
    max_num_load_retries: int = _flag(5, "How often a failed load is repeated.")
    load_retry_interval_micros: int = _flag(60_000_000, "Time between attempts to load.")
    allow_version_labels_for_unavailable_models: bool = _flag(
        False, "Let new labels point to versions that are not available."
    )
    enable_model_warmup: bool = _flag(True, f"Replay {WARM_UP}.")
    num_request_iterations_for_warmup: int = _flag(
        0, "How often each of them is replayed; 0 for once."
    )
    enable_batching: bool = _flag(False, "Run requests that wait at the same time together.")
    batching_parameters_file: str = _flag("", "BatchingParameters as text.")
    monitoring_config_file: str = _flag("", "MonitoringConfig as text.")
    enable_grpc_healthcheck_service: bool = _flag(False, "Answer gRPC's health checks.")
    enable_serialization_as_tensor_content: bool = _flag(
        False, "Answer Predict of gRPC with tensor_content instead of typed fields."
    )
    tensorflow_session_parallelism: int = _flag(
        0, "Threads of a session, for one op and for several; 0 for as many as there are cores."
    )
    tensorflow_session_config_file: str = _flag(
        "", "ConfigProto of TensorFlow's sessions as text; the flags about threads go before it."
    )
    tensorflow_intra_op_parallelism: int = _flag(0, "Threads for one op, instead of that.")
    tensorflow_inter_op_parallelism: int = _flag(0, "Threads for several ops, instead of that.")
    version: bool = _flag(False, "Show the version and end.")

    # Not upstream's.
    file_system_poll_wait_millis: int = _flag(
        0, "Time between two looks at the base paths where a second is too long; 0 for no effect."
    )
    host: str = _flag("127.0.0.1", "Address to listen on; 0.0.0.0 for all, as upstream does.")
    rest_api_socket: int = _flag(
        -1, "File descriptor of a bound socket to serve REST on instead of opening a port."
    )
    stop_with_stdin: bool = _flag(False, "Stop at the end of the standard input as well.")
    rest_api_max_body_bytes: int = _flag(64 * 2**20, "Largest REST request body.")
    max_connections: int = _flag(1000, "Connections of each API that are open at a time.")
    idle_timeout_seconds: int = _flag(
        60, "How long a connection may wait between requests, or a client for its next bytes."
    )

    @property
    def parallelism(self) -> tuple[int, int]:
        """Threads for one op, and for several.

        Raises:
          FlagError: they are given in both ways.
        """
        apart = self.tensorflow_intra_op_parallelism, self.tensorflow_inter_op_parallelism
        both = self.tensorflow_session_parallelism
        if both > 0 and min(apart) > 0:
            raise FlagError(
                "Either configure server_options.tensorflow_session_parallelism or"
                " (server_options.tensorflow_intra_op_parallelism,"
                " server_options.tensorflow_inter_op_parallelism) separately. You cannot configure"
                " all."
            )
        return apart if max(apart) > 0 else (both, both)

    @property
    def poll_seconds(self) -> float:
        """Between two looks at the base paths; 0 or less for one look only."""
        return self.file_system_poll_wait_millis / 1e3 or self.file_system_poll_wait_seconds


WITHOUT_EFFECT = frozenset((
    "num_load_threads", "num_unload_threads", "flush_filesystem_caches",
    "remove_unused_fields_from_bundle_metagraph", "per_process_gpu_memory_fraction",
    "enable_profiler", "skip_initialize_tpu", "num_tflite_pools",
    "num_tflite_interpreters_per_pool", "xla_cpu_compilation_enabled",
    "xla_gpu_compilation_enabled",
))  # fmt: skip
"""Upstream's flags about threads, caches and hardware, which say nothing about answers."""


def parse(arguments: Sequence[str]) -> tuple[Flags, list[str]]:
    """Reads `--name=value` arguments.

    Returns:
      the flags, and the arguments that are none of them: upstream prints those and goes on.

    Raises:
      FlagError: a value that is no number where one is needed.
    """
    kinds = {field.name: type(field.default) for field in dataclasses.fields(Flags)}
    values: dict[str, Any] = {}
    unknown = []
    for argument in arguments:
        name, given, text = argument.removeprefix("--").partition("=")
        kind = kinds.get(name)
        if argument.startswith("--") and name in WITHOUT_EFFECT:
            continue
        if not argument.startswith("--") or kind is None or not (given or kind is bool):
            unknown.append(argument)
            continue
        values[name] = _value(name, kind, text if given else "true")
    return Flags(**values), unknown


def _value(name: str, kind: type, text: str) -> Any:
    if kind is bool:
        if text.lower() not in _BOOLEANS:
            raise FlagError(f"Flag --{name} has the value {text!r}; it takes true or false.")
        return _BOOLEANS[text.lower()]
    try:
        return kind(text)
    except ValueError as error:
        raise FlagError(f"Flag --{name} has the value {text!r}; it takes a whole number.") from (
            error
        )


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def usage() -> str:
    """Every flag with its default."""
    lines = ["usage: python -m serving.server --model_base_path=<folder> [flags]", "Flags:"]
    for field in dataclasses.fields(Flags):
        lines.append(f"\t--{field.name}={field.default}\t{field.metadata['help']}")
    return "\n".join(lines)
