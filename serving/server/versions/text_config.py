"""The configuration files of the model server, in protobuf's text format."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection

from google.protobuf import message, text_format
from tensorflow.core.protobuf import config_pb2
from tensorflow_serving.config import model_server_config_pb2

from serving.server.metrics import PATH as METRICS_PATH
from serving.server.status import StatusError, invalid_argument
from serving.server.versions.model_config import (
    All,
    Latest,
    ModelConfig,
    Policy,
    Specific,
    is_absolute,
)

PLATFORM = "tensorflow"
_TOKEN = re.compile(r'#[^\n]*|"([^"\n]*)"|\'([^\'\n]*)\'|([A-Za-z0-9_.+-]+)|([{}:])|[\s,;]+')


def read(path: str) -> str:
    """The text of a configuration file.

    Raises:
      StatusError: INVALID_ARGUMENT when it cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise invalid_argument(f"Invalid protobuf file: '{path}': {error}") from error


def parse_models(text: str, known: Collection[str] = ()) -> list[ModelConfig] | None:
    """Reads a ModelServerConfig.

    Args:
      text: of the file.
      known: names of the models that are configured already.

    Returns:
      its models; None when it configures nothing, as an empty file does, which is no order to
      unload what there is.

    Raises:
      StatusError: INVALID_ARGUMENT when it is not one, as `models_of`.
    """
    config = model_server_config_pb2.ModelServerConfig()
    _parse_into(config, text)
    return None if config.WhichOneof("config") is None else models_of(config, known)


def models_of(
    config: model_server_config_pb2.ModelServerConfig, known: Collection[str] = ()
) -> list[ModelConfig]:
    """The models of a ModelServerConfig.

    Args:
      config: with a list of models.
      known: names of the models that are configured already.

    Raises:
      StatusError: INVALID_ARGUMENT when a model is named twice, has a base path that is neither
        absolute nor an address, or is for another platform (model_servers/server_core.cc).
    """
    if config.WhichOneof("config") == "custom_model_config":
        raise invalid_argument("ModelServer does not yet support custom model config.")
    models: dict[str, ModelConfig] = {}
    for model in config.model_config_list.config:
        if model.name in models:
            raise invalid_argument(
                f"Illegal to list model {model.name} multiple times in config list"
            )
        models[model.name] = checked(
            ModelConfig(model.name, model.base_path, _policy(model), dict(model.version_labels))
        )
    for model in config.model_config_list.config:
        _check_platform(model, known)
    return list(models.values())


def checked(model: ModelConfig) -> ModelConfig:
    """The same.

    Raises:
      StatusError: INVALID_ARGUMENT when its base path is relative.
    """
    if not is_absolute(model.base_path):
        raise invalid_argument(
            f"Expected model {model.name} to have an absolute path or URI; got"
            f" base_path()={model.base_path}"
        )
    return model


def _check_platform(model: model_server_config_pb2.ModelConfig, known: Collection[str]) -> None:
    platform = model.model_platform
    if model.model_type:
        if platform:
            raise invalid_argument(
                "Illegal setting both ModelServerConfig::model_type (deprecated) and"
                f" ModelServerConfig::model_platform, model name is {model.name}"
            )
        if model.model_type != model_server_config_pb2.TENSORFLOW:
            raise invalid_argument(
                f"ModelServerConfig::model_type choice {model.model_type} not supported."
            )
        platform = PLATFORM
    if not platform:
        raise invalid_argument(
            "Illegal setting neither ModelServerConfig::model_type (deprecated) nor"
            f" ModelServerConfig::model_platform, model name is {model.name}"
        )
    if platform != PLATFORM and model.name in known:
        raise invalid_argument(
            f"Illegal to change a model's platform. For model {model.name} platform was {PLATFORM}"
            f" and new platform requested is {platform}"
        )
    if platform != PLATFORM:
        raise invalid_argument(f"Model {model.name} requests unsupported platform {platform}")


def _policy(model: model_server_config_pb2.ModelConfig) -> Policy:
    policy = model.model_version_policy
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return All()
    if choice == "specific":
        return Specific(frozenset(policy.specific.versions))
    return Latest(max(policy.latest.num_versions, 1))


def parse_session(text: str) -> config_pb2.ConfigProto:
    """Reads TensorFlow's ConfigProto.

    Raises:
      StatusError: INVALID_ARGUMENT when it is not one.
    """
    config = config_pb2.ConfigProto()
    _parse_into(config, text)
    return config


def _parse_into(config: message.Message, text: str) -> None:
    try:
        text_format.Parse(text, config)
    except text_format.ParseError as error:
        kind = config.DESCRIPTOR.full_name
        raise invalid_argument(f"Error parsing text-format {kind}: {error}") from error


def parse_monitoring(text: str) -> str | None:
    """The path at which a MonitoringConfig asks for metrics; None when it does not.

    Raises:
      StatusError: INVALID_ARGUMENT for text of another form.
    """
    fields = _parse_plain(text)
    if fields.get("prometheus_config.enable") != "true":
        return None
    return fields.get("prometheus_config.path") or METRICS_PATH


@dataclasses.dataclass(frozen=True)
class BatchingParameters:
    """How requests are put together; defaults from servables/tensorflow/session_bundle_config."""

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = 10
    num_batch_threads: int = 0
    """0 for as many as there are CPUs."""
    allowed_batch_sizes: tuple[int, ...] = ()


def parse_batching(text: str) -> BatchingParameters:
    """Reads BatchingParameters; fields that matter elsewhere only are passed over.

    Raises:
      StatusError: INVALID_ARGUMENT for text of another form, or numbers that contradict each other.
    """
    fields = _parse_plain(text)
    values: dict[str, int] = {}
    try:
        for name in ("max_batch_size", "batch_timeout_micros", "max_enqueued_batches",
                     "num_batch_threads"):  # fmt: skip
            if f"{name}.value" in fields:
                values[name] = int(fields[f"{name}.value"])
        allowed = tuple(int(size) for size in fields.get("allowed_batch_sizes", "").split())
    except ValueError as error:
        raise invalid_argument(f"Batching parameters take whole numbers: {error}") from error
    parameters = BatchingParameters(allowed_batch_sizes=allowed, **values)
    if allowed and (list(allowed) != sorted(set(allowed)) or
                    allowed[-1] != parameters.max_batch_size):  # fmt: skip
        raise invalid_argument(
            "allowed_batch_sizes entries must be monotonically increasing, and the last one must be"
            f" max_batch_size: {', '.join(map(str, allowed))}"
        )
    return parameters


def _parse_plain(text: str) -> dict[str, str]:
    """Scalars by dotted name, repeated ones joined by spaces.

    For the two messages that come without a Python module.
    """
    fields: dict[str, str] = {}
    path: list[str] = []
    name = ""
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise _form_error(text, position)
        position = token.end()
        double, single, word, mark = token.groups()
        value = double if double is not None else single if single is not None else word
        if mark == "{" and name:
            path.append(name)
            name = ""
        elif mark == "}" and path:
            path.pop()
        elif mark == ":" and name:
            continue
        elif mark:
            raise _form_error(text, token.start())
        elif value is not None and not name:
            name = value
        elif value is not None:
            key = ".".join([*path, name])
            fields[key] = f"{fields[key]} {value}" if key in fields else value
            name = ""
    if path or name:
        raise _form_error(text, position)
    return fields


def _form_error(text: str, position: int) -> StatusError:
    line = text.count("\n", 0, position) + 1
    return invalid_argument(f"Error parsing text-format configuration in line {line}")
