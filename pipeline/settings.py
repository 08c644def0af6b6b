"""The settings of one pipeline: read from YAML, typed, and refused with a sentence when wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic

from components.serving_check.options import Options as ServingCheckOptions
from components.variants.options import VariantOptions, unfit
from documents.regular_file import regular_file
from documents.settings.section import Section, refusal, short
from models.declaration import Declaration
from models.module_settings import HubSettings
from models.training.options import TrainingOptions
from models.user_code import UserFunction
from pipeline import yaml_values
from pipeline.files.paths import BasePath, LocalPath, PipelineRoot, local_path
from pipeline.sections.beam import BeamSettings
from pipeline.sections.data import DataSettings
from pipeline.sections.evaluation import EvaluationSettings, MetricSettings
from pipeline.sections.kubeflow import KubeflowOptions
from pipeline.sections.metadata import MetadataSettings
from pipeline.sections.metric_defaults import usual_metrics
from pipeline.sections.training_fit import effective, misfits
from pipeline.user_code import CodeError, UserCode, fitting_code, read_code
from serving.clients.url import checked_url

REPOSITORY = Path(__file__).resolve().parent.parent
NAME = re.compile("[a-zA-Z][a-zA-Z0-9_-]*")
"""Of a pipeline."""
NAME_LENGTH = 100


class SettingsError(ValueError):
    """A setting is unknown, mistyped or out of range; the message says which and how to mend it."""


class PushSettings(Section):
    """Where blessed models go."""

    base_path: BasePath | None = None
    """TF Serving base path; None means ROOT/serving/<name>."""
    confirm_url: Annotated[str, pydantic.AfterValidator(checked_url)] | None = None
    """REST address of a model server that watches the base path; it has to confirm each push."""
    confirm_seconds: float = pydantic.Field(60.0, gt=0, le=1e6)
    """How long it may take until the version is served there."""


class Settings(Declaration):
    """Everything a run can be told; one YAML file in configs/ holds one of these."""

    name: str = pydantic.Field(pattern=rf"^{NAME.pattern}$", max_length=NAME_LENGTH)
    """Name of the pipeline and of the served model."""
    code: LocalPath | None = None
    """A file with functions of your own: examples, preprocess, network; see docs/your_model.md."""
    schema_file: LocalPath | None = None
    """A curated schema, relative to the repository; None derives one from features and label."""
    data: DataSettings = DataSettings()
    anomalies: Literal["stop", "warn"] = "stop"
    hub: HubSettings | None = None
    """None: the network learns from nothing but the data."""
    training: TrainingOptions = TrainingOptions()
    evaluation: EvaluationSettings = EvaluationSettings()
    serving_check: ServingCheckOptions = ServingCheckOptions()
    """Signatures, tolerances and budgets of the serving check; see docs/serving_check.md."""
    push: PushSettings = PushSettings()
    variants: VariantOptions | None = None
    """Smaller forms that are made of each model that is pushed; None makes none."""
    metadata: MetadataSettings = MetadataSettings()
    """The store of runs on this machine."""
    pipeline_root: PipelineRoot | None = None
    """Where `local_runner.py` has artifacts, gs://… or s3://BUCKET/…; None means ROOT/artifacts."""
    beam: BeamSettings = BeamSettings()
    kubeflow: KubeflowOptions = KubeflowOptions()
    """What a cluster gives each node; see docs/kubeflow.md."""

    @pydantic.model_validator(mode="after")
    def _variants_can_be_made_and_judged(self) -> Settings:
        reason = unfit({name: kind.kind for name, kind in self.used.items()})
        if self.variants and reason:
            raise ValueError(reason)
        known = [metric.metric for metric in self.evaluation.metrics]
        for name in self.variants.metrics if self.variants else ():
            if name not in known:
                raise ValueError(
                    f"variants.metrics names {short(name)}, which evaluation.metrics does not"
                    f" measure; choose among {', '.join(known)}"
                )
        return self

    @property
    def pipeline_name(self) -> str:
        """As it is recorded: Kubeflow allows neither underscores nor capitals in it."""
        return recorded_name(self.name)

    @property
    def user_code(self) -> UserCode | None:
        """What the file of `code` defines.

        Raises:
          CodeError: it cannot be used.
        """
        return read_code(self.code) if self.code else None

    def function(self, name: str) -> UserFunction | None:
        """The user's function of that name, where there is one. Raises CodeError as `user_code`."""
        found = self.user_code
        return found.functions.get(name) if found else None

    @property
    def declaration(self) -> Declaration:
        """Features and label alone, which nodes are told."""
        return Declaration.model_construct(features=self.features, label=self.label)


def recorded_name(name: str) -> str:
    """The name of the pipeline for a model; names that differ only in signs or case share one."""
    return name.replace("_", "-").lower()


def load_settings(config: Path, overrides: Iterable[str] = ()) -> Settings:
    """Reads `config` and applies `key=value` overrides (dotted key, YAML value) on top.

    Of two overrides of one key the later one counts, as on any command line.

    Raises:
      SettingsError: the file is missing or not YAML, or a key or value is refused.
    """
    document = _read(config)
    overridden = [_apply_override(document, override) for override in overrides]

    def where(key: str) -> str:
        given = any(
            f"{key}.".startswith(f"{name}.") or name.startswith(f"{key}.") for name in overridden
        )
        return " in --set" if given else f" in {short(config, 300)}"

    try:
        settings = Settings.model_validate(document)
    except pydantic.ValidationError as error:
        raise SettingsError(refusal(error, Settings, where=where)) from error
    try:
        keys = [*(["hub"] if settings.hub else ())]
        keys += [f"features.{name}.module" for name in settings.declaration.modules]
        code = fitting_code(settings.code, config, settings.data.format, keys)
    except CodeError as error:
        raise SettingsError(f"Setting {error}") from error
    functions = code.functions if code else ()
    for key, problem in misfits(settings.training, settings.declaration, functions):
        key = f"training.{key}"
        raise SettingsError(
            f"Setting `{short(key)}`{where(key)} is refused: {problem.rstrip('?')}."
        )
    training = effective(settings.training, settings.declaration, is_frozen=_is_frozen(settings))
    found: dict[str, Any] = {"training": training}
    if code is not None:
        code.make_importable()
        found["code"] = code.path
    if settings.schema_file is not None:
        found["schema_file"] = REPOSITORY / settings.schema_file
    if not settings.evaluation.metrics:
        usual = usual_metrics(settings.label.kind, settings.label.names)
        metrics = [MetricSettings.model_validate(each) for each in usual]
        found["evaluation"] = settings.evaluation.model_copy(update={"metrics": metrics})
    return settings.model_copy(update=found)


def _is_frozen(settings: Settings) -> bool:
    """Whether a module that stays as it is makes the vector of each image, if there are any."""
    declaration = settings.declaration
    modules = [declaration.modules.get(name, settings.hub) for name in declaration.images]
    return all(module is not None and not module.trainable for module in modules)


def settings_document(
    config: Path, overrides: Iterable[str], settings: Settings, *, sample: bool = False
) -> dict[str, Any]:
    """What a settings file that holds all of it says: `config` with `overrides`, for the record.

    Args:
      config: the file.
      overrides: as `load_settings` takes them.
      settings: what it made of both.
      sample: whether the bundled sample was taken, with the settings that belong to it.

    Raises:
      SettingsError: the file is no longer what it was.
    """
    if sample and settings.data.sample_config is not None:
        config = REPOSITORY / settings.data.sample_config
    document = _read(config)
    for override in overrides:
        _apply_override(document, override)
    if settings.code is not None:
        document["code"] = str(settings.code)  # else it is looked for beside the file
    return document


def sample_config(settings: Settings) -> Path | None:
    """The file of the settings that the bundled sample takes; None where these are they."""
    if settings.data.source == "sample" or settings.data.sample_config is None:
        return None
    return REPOSITORY / settings.data.sample_config


def sample_settings(settings: Settings, overrides: Iterable[str] = ()) -> Settings:
    """The settings for the bundled sample: far fewer examples need other splits and thresholds."""
    config = sample_config(settings)
    return load_settings(config, overrides) if config else settings


def _read(config: Path) -> dict[str, Any]:
    name = short(config, 300)
    try:
        with regular_file(local_path(str(config))) as file:
            document = yaml_values.parse(file.read(yaml_values.LARGEST + 1))
    except OSError as error:
        raise SettingsError(
            f"Cannot read config {name}: {(error.strerror or str(error)).removeprefix('is ')}; "
            "choose one of configs/*.yaml with --config."
        ) from error
    except yaml_values.YamlError as error:
        raise SettingsError(f"Config {name} {error}.") from error
    except ValueError as error:
        raise SettingsError(f"Cannot read config {name}: {error}.") from error
    if document is None:
        raise SettingsError(f"Config {name} is empty; begin with a copy of configs/quick.yaml.")
    if not isinstance(document, dict):
        raise SettingsError(
            f"Config {name} holds a {type(document).__name__}; it must hold a mapping of settings."
        )
    return document


def _apply_override(document: dict[str, Any], override: str) -> str:
    """Changes `document`; returns the key."""
    key, separator, text = override.partition("=")
    parts = [part.strip() for part in key.split(".")]
    if not separator or not all(parts):
        raise SettingsError(
            f"--set {short(repr(override))} must read key=value, e.g. --set training.epochs=10."
        )
    key = ".".join(parts)
    try:
        value = yaml_values.parse(text, key)
    except yaml_values.YamlError as error:
        raise SettingsError(f"--set {short(override)} {error}.") from error
    place = document
    for parent in parts[:-1]:
        place = place.setdefault(parent, {})
        if not isinstance(place, dict):
            raise SettingsError(
                f"--set {short(key)}: `{short(parent)}` is a value, not a section; set it as a "
                "whole."
            )
    place[parts[-1]] = value
    return key
