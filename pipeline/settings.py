"""The settings of one pipeline: read from YAML, typed, and refused with a sentence when wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pydantic
import yaml

from components.example_gen.spans import check_pattern
from components.serving_check.options import Options as ServingCheckOptions
from pipeline.kubeflow.options import KubeflowOptions

REPOSITORY = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting is unknown, mistyped or out of range; the message says which and how to mend it."""


class Section(pydantic.BaseModel):
    """A group of settings: unknown keys are refused, values never change after loading."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class DataSettings(Section):
    """Where the examples come from and how they are split."""

    folder: Path | None = None
    """Folder with the four IDX files; None looks for an installed or downloaded copy."""
    source: Literal["auto", "sample"] = "auto"
    """`sample` takes the small set bundled with the code."""
    sha256: dict[str, str] = {}
    """Digest per file name, for files in `folder`; the official set is always verified."""
    pattern: str | None = None
    """Folder below `folder` with the four files of one span, e.g. `span-{SPAN}/v{VERSION}`."""
    span: int | None = pydantic.Field(None, ge=0)
    """Number of the span to take; None takes the latest."""
    eval_examples: int = pydantic.Field(5_000, ge=256)
    """How many of the last training images are held out for the Evaluator."""
    sample_config: Path | None = None
    """Settings to run instead when `auto` finds nothing but the bundled sample."""
    shards: int = pydantic.Field(2, ge=1, le=1_000)
    """TFRecord files of the train split, one Beam element each; other splits get files as large."""

    @pydantic.field_validator("pattern")
    @classmethod
    def _pattern_names_a_span(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            check_pattern(pattern)
        return pattern

    @pydantic.model_validator(mode="after")
    def _spans_are_in_a_folder(self) -> DataSettings:
        if self.span is not None and self.pattern is None:
            raise ValueError("data.span needs data.pattern, e.g. span-{SPAN}")
        if self.pattern is not None and self.sha256:
            raise ValueError("data.sha256 pins one set of files; leave it out with data.pattern")
        if self.pattern is not None and self.source == "sample":
            raise ValueError("the bundled sample has no spans; set data.source to auto")
        return self


class HubSettings(Section):
    """The TensorFlow Hub module inside the model."""

    handle: str
    sha256: str | None = None
    trainable: bool = True
    max_megabytes: int = pydantic.Field(512, ge=1)
    allow_http: bool = False


class TrainingSettings(Section):
    """How the network is trained."""

    epochs: int = pydantic.Field(5, ge=1)
    batch_size: int = pydantic.Field(128, ge=1)
    learning_rate: float = pydantic.Field(1e-2, gt=0)
    """Peak of the one-cycle schedule."""
    weight_decay: float = pydantic.Field(1e-2, ge=0)
    warmup_fraction: float = pydantic.Field(0.2, ge=0, lt=1)
    label_smoothing: float = pydantic.Field(0.1, ge=0, lt=1)
    augment: bool = True
    seed: int = 0
    checkpoint_steps: int | None = pydantic.Field(None, ge=1)
    """Steps between two checkpoints; None means once an epoch."""


class Limits(Section):
    """What a metric must hold on one kind of slice."""

    min: float | None = None
    """Value threshold: the least value that is blessed."""
    max: float | None = None
    """Value threshold: the greatest value that is blessed."""
    max_drop: float | None = pydantic.Field(None, ge=0)
    """Change threshold: how much worse than the baseline a candidate may be, absolute."""


class MetricSettings(Section):
    """One TensorFlow Model Analysis metric and its thresholds."""

    metric: str
    """Class name of a tf_keras or TFMA metric, e.g. SparseCategoricalAccuracy."""
    higher_is_better: bool = True
    overall: Limits = Limits()
    per_slice: dict[str, Limits] = {}
    """Limits for every slice of a feature, by feature name."""


class EvaluationSettings(Section):
    """What decides whether a candidate is blessed."""

    metrics: list[MetricSettings] = pydantic.Field(min_length=1)
    plots: list[str] = []
    """TFMA's plots, which decide nothing, such as MultiClassConfusionMatrixPlot."""

    @pydantic.model_validator(mode="after")
    def _has_a_threshold(self) -> EvaluationSettings:
        """Without any threshold TFX blesses nothing and refuses nothing (tfx issue 5148)."""
        limits = [limit for m in self.metrics for limit in (m.overall, *m.per_slice.values())]
        if all(limit == Limits() for limit in limits):
            raise ValueError("set at least one threshold, e.g. overall: {min: 0.9}")
        return self


class PushSettings(Section):
    """Where blessed models go."""

    base_path: str | None = None
    """TF Serving base path; None means ROOT/serving/<name>."""
    confirm_url: str | None = pydantic.Field(None, pattern=r"^https?://\S+$")
    """REST address of a model server that watches the base path; it has to confirm each push."""
    confirm_seconds: float = pydantic.Field(60.0, gt=0)
    """How long it may take until the version is served there."""


class BeamSettings(Section):
    """How Beam runs the data-parallel nodes."""

    # Named in full because recent Beam's default runner first tries to download a Prism binary.
    args: list[str] = [
        "--runner=apache_beam.runners.portability.fn_api_runner.fn_runner.FnApiRunner"
    ]

    @pydantic.field_validator("args")
    @classmethod
    def _refuse_dask(cls, args: list[str]) -> list[str]:
        if any("dask" in arg.lower() for arg in args):
            raise ValueError("Beam's DaskRunner loses data without an error; choose another runner")
        return args


class Settings(Section):
    """Everything a run can be told; one YAML file in configs/ holds one of these."""

    name: str = pydantic.Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_-]*$")
    """Name of the pipeline and of the served model."""
    schema_file: Path
    data: DataSettings = DataSettings()
    anomalies: Literal["stop", "warn"] = "stop"
    hub: HubSettings
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings
    serving_check: ServingCheckOptions = ServingCheckOptions()
    """Signatures, tolerances and budgets of the serving check; see docs/serving_check.md."""
    push: PushSettings = PushSettings()
    beam: BeamSettings = BeamSettings()
    kubeflow: KubeflowOptions = KubeflowOptions()
    """What a cluster gives each node; see docs/kubeflow.md."""


def load_settings(config: Path, overrides: Iterable[str] = ()) -> Settings:
    """Reads `config` and applies `key=value` overrides (dotted key, YAML value) on top.

    Raises:
      SettingsError: the file is missing or not YAML, or a key or value is refused.
    """
    try:
        document = yaml.safe_load(config.read_text())
    except OSError as error:
        raise SettingsError(
            f"Cannot read config {config}: {error.strerror}; choose one of configs/*.yaml "
            "with --config."
        ) from error
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise SettingsError(f"Config {config} is not valid YAML: {problem}.") from error
    if not isinstance(document, dict):
        raise SettingsError(f"Config {config} must hold a mapping of settings.")
    for override in overrides:
        _apply_override(document, override)
    try:
        settings = Settings.model_validate(document)
    except pydantic.ValidationError as error:
        raise SettingsError(_first_sentence(error, config)) from error
    return settings.model_copy(update={"schema_file": REPOSITORY / settings.schema_file})


def sample_settings(settings: Settings, overrides: Iterable[str] = ()) -> Settings:
    """The settings for the bundled sample: far fewer examples need other splits and thresholds."""
    if settings.data.source == "sample" or settings.data.sample_config is None:
        return settings
    return load_settings(REPOSITORY / settings.data.sample_config, overrides)


def _apply_override(document: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise SettingsError(
            f"--set {override!r} must read key=value, e.g. --set training.epochs=10."
        )
    *parents, last = key.split(".")
    place = document
    for parent in parents:
        place = place.setdefault(parent, {})
        if not isinstance(place, dict):
            raise SettingsError(f"--set {key}: `{parent}` is a value, not a section.")
    try:
        place[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingsError(f"--set {key}: {text!r} is not a YAML value.") from error


def _first_sentence(error: pydantic.ValidationError, config: Path) -> str:
    """The most telling of pydantic's findings: an unknown key explains a missing one."""
    findings = sorted(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    found = findings[0]
    key = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        known = sorted(_known_keys(Settings))
        close = difflib.get_close_matches(_without_indices(found["loc"]), known, n=1, cutoff=0.6)
        hint = f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(known)}."
        return f"Unknown key `{key}` in {config}: {hint}"
    if found["type"] == "missing":
        return f"Key `{key}` is missing in {config}."
    message = found["msg"].removeprefix("Value error, ")
    value = found["input"]
    shown = "" if isinstance(value, (Mapping, list, pydantic.BaseModel)) else f" = {value!r}"
    return f"Setting `{key}`{shown} in {config} is refused: {message.rstrip('.')}."


def _without_indices(location: tuple[int | str, ...]) -> str:
    return ".".join(part for part in location if isinstance(part, str))


def _known_keys(section: type[pydantic.BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        yield prefix + name
        nested = _section_of(field.annotation)
        if nested:
            yield from _known_keys(nested, f"{prefix}{name}.")


def _section_of(annotation: Any) -> type[pydantic.BaseModel] | None:
    """The model inside an annotation such as `Section`, `list[Section]`, `dict[str, Section]`."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _section_of(argument)
        if found:
            return found
    return None
