"""Readers of what executors are given as text: each reads it as the step will, or says why not.

Each takes the value of a parameter and raises ValueError with the end of a sentence about it.
Light: neither TensorFlow nor TFX's components are imported.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pydantic
from google.protobuf import json_format, text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.evaluator import metric_kinds
from components.serving_check.options import OptionsError, parse_options
from documents.json_object import JsonError, parse_object
from documents.settings.section import Section, refusal, short, short_repr
from models.declaration import Declaration
from models.hub.module import HubError, check_handle, told_as
from models.module_settings import HubSettings
from models.training.options import OptionsError as TrainingError
from models.training.options import TrainingOptions
from models.user_code import UserFunction
from pipeline.kubeflow.validation.tasks.source import file_of, missing
from pipeline.settings import NAME, NAME_LENGTH

Reader = Callable[[Any], None]
SPLITS = ("train", "eval", "test")
"""What every ExampleGen of this project makes."""
_METRICS = ("tensorflow_model_analysis.metrics", "tf_keras.metrics")


def json_object(value: Any) -> dict[str, Any]:
    """Raises ValueError: it is no JSON object."""
    try:
        return parse_object(str(value).encode())
    except JsonError as error:
        raise ValueError(short(error, 200)) from error


def section(kind: type[Section]) -> Reader:
    """Of a group of settings, as JSON."""

    def read(value: Any) -> None:
        json_object(value)
        _validated(kind, str(value))

    return read


def _validated(kind: type[Section], values: Any, prefix: str = "") -> Section:
    """Raises ValueError: they, a mapping or JSON, are no such settings."""
    try:
        if isinstance(values, str):
            return kind.model_validate_json(values)
        return kind.model_validate(values)
    except pydantic.ValidationError as error:
        raise ValueError(f"is refused: {refusal(error, kind, prefix=prefix)[:-1]}") from error


def message(module: str, name: str) -> Reader:
    """Of a message of protobuf, as JSON."""
    return lambda value: _parsed(module, name, value) and None


def _parsed(module: str, name: str, value: Any) -> Any:
    json_object(value)
    found = getattr(_module(module), name)()
    try:
        return json_format.Parse(str(value), found)
    except json_format.ParseError as error:
        raise ValueError(f"is no {name} ({short(error, 200)})") from error


@functools.cache
def _module(name: str) -> ModuleType:
    """A module of messages, without the packages around it: TFMA's takes six seconds."""
    if name in sys.modules or name.startswith("tfx."):
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(name, file_of(name) or "")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def splits(module: str, name: str, field: str) -> Reader:
    """Of a message that lists splits."""

    def read(value: Any) -> None:
        found = getattr(_parsed(module, name, value), field)
        _known(found)
        if not found:
            raise ValueError("names no split")

    return read


def split_names(value: Any) -> None:
    """Of a JSON list of splits."""
    try:
        found = json.loads(str(value))
    except ValueError as error:
        raise ValueError(f"is not valid JSON ({short(error, 200)})") from error
    if found is None:
        return
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise ValueError("is no list of splits")
    _known(found)


def _known(found: Any) -> None:
    unknown = next((name for name in found if name not in SPLITS), None)
    if unknown is not None:
        raise ValueError(f"names the split {short_repr(unknown)}; there are {', '.join(SPLITS)}")


def input_config(value: Any) -> None:
    found = _parsed("tfx.proto.example_gen_pb2", "Input", value)
    if not found.splits:
        raise ValueError("names no files: it has no splits")
    for split in found.splits:
        if not split.pattern:
            raise ValueError(f"has no pattern for the split {short_repr(split.name)}")


def eval_config(value: Any) -> None:
    found = _parsed("tensorflow_model_analysis.proto.config_pb2", "EvalConfig", value)
    if not found.model_specs or not found.metrics_specs:
        raise ValueError("needs model_specs and metrics_specs")
    for metric in (metric for spec in found.metrics_specs for metric in spec.metrics):
        places = [metric.module] if metric.module else _METRICS
        if all(missing(f"{place}.{metric.class_name}") for place in places):
            raise ValueError(f"names the metric {short_repr(metric.class_name)}, which nobody has")
        for threshold in _thresholds(metric):
            bounds = [
                getattr(threshold, side).value if threshold.HasField(side) else None
                for side in ("lower_bound", "upper_bound")
            ]
            for problem in metric_kinds.problems(metric.class_name, *bounds):
                raise ValueError(f"is refused: {short(problem, 200)}")


def _thresholds(metric: Any) -> list[Any]:
    every = [metric.threshold, *(each.threshold for each in metric.per_slice_thresholds)]
    return [one.value_threshold for one in every if one.HasField("value_threshold")]


def serving_check(value: Any) -> None:
    json_object(value)
    try:
        parse_options(str(value))
    except OptionsError as error:
        raise ValueError(f"is refused: {str(error)[:-1]}") from error


def trainer_config(value: Any) -> None:
    """All that the Trainer is told in one."""
    config = json_object(value)
    _demand(config, ("declaration", "training", "hub", "checkpoints", "code_hash"))
    section(Declaration)(config["declaration"])
    try:
        TrainingOptions.validated(config["training"])
    except TrainingError as error:
        raise ValueError(f"is refused: {str(error)[:-1]}") from error
    modules = {"hub": config["hub"], **(config.get("modules") or {})}
    for name, module in modules.items():
        if module is not None:
            setting = "hub" if name == "hub" else f"features.{name}.module"
            _module_settings(module, setting)
    _functions(config)


def _module_settings(values: Any, setting: str) -> None:
    found = _validated(HubSettings, values, f"{setting}.")
    assert isinstance(found, HubSettings)
    try:
        with told_as(setting):
            check_handle(found.handle, sha256=found.sha256, allow_http=found.allow_http)
    except HubError as error:
        raise ValueError(f"is refused: {short(error, 300)}") from error


def transform_config(value: Any) -> None:
    config = json_object(value)
    _demand(config, ("declaration", "code_hash"))
    section(Declaration)(config["declaration"])
    _functions(config)


def pusher_config(value: Any) -> None:
    if value == "null":
        return
    config = json_object(value)
    _demand(config, ("model_name",))
    model_name(config["model_name"])
    if config.get("confirm"):
        _demand(config["confirm"], ("url", "seconds", "options"))
        serving_check(config["confirm"]["options"])


def _functions(config: Mapping[str, Any]) -> None:
    for name, function in (config.get("code") or {}).items():
        _validated(UserFunction, function, f"code.{name}.")


def _demand(config: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        if key not in config:
            raise ValueError(f"has no key `{key}`, which the step reads")


def schema_text(value: Any) -> None:
    try:
        text_format.Parse(str(value), schema := schema_pb2.Schema())
    except text_format.ParseError as error:
        raise ValueError(f"is no schema in protobuf text ({short(error, 200)})") from error
    if not schema.feature:
        raise ValueError("has no feature")


def model_name(value: Any) -> None:
    if not NAME.fullmatch(str(value)) or len(value) > NAME_LENGTH:
        raise ValueError(
            f"= {short_repr(value)} names no model: it begins with a letter, and has letters, "
            f"digits, `-` and `_`, at most {NAME_LENGTH} of them"
        )


def one_of(*known: str) -> Reader:
    def read(value: Any) -> None:
        if value not in known:
            raise ValueError(f"= {short_repr(value)}; it is {' or '.join(known)}")

    return read


def number_of(module: str, name: str) -> Reader:
    """Of an enum of protobuf, by number."""

    def read(value: Any) -> None:
        known = getattr(_module(module), name).values()
        if value not in known:
            raise ValueError(f"= {short_repr(value)} is none of {name}'s numbers")

    return read


def at_least(least: float) -> Reader:
    def read(value: Any) -> None:
        if isinstance(value, (int, float)) and value < least:
            raise ValueError(f"= {value:g} is less than {least:g}")

    return read


def sha256(value: Any) -> None:
    if not re.fullmatch("[0-9a-f]{64}", str(value)):
        raise ValueError(f"= {short_repr(value)} is no sha256: 64 hexadecimal digits")


def text(value: Any) -> None:
    if not str(value).strip():
        raise ValueError("is empty")
