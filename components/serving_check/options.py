"""What the check expects of a candidate: signatures, tolerances and budgets."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from documents.settings.section import Section, refusal
from documents.tolerance import Tolerance
from serving.backends.name import Backend

_Count = Annotated[int, pydantic.Field(gt=0, le=10_000_000)]
_Budget = Annotated[float, pydantic.Field(gt=0, le=1e9)]
# YAML and JSON know lists only.
_Shape = Annotated[tuple[int, ...], pydantic.Strict(False)]


class OptionsError(ValueError):
    """An option is unknown, of the wrong type or out of range; the message says which."""


class Tensor(Section):
    """An input or output of a signature."""

    dtype: str = pydantic.Field(pattern="^DT_[A-Z0-9]+$")
    """TensorFlow's name, e.g. DT_FLOAT."""
    shape: _Shape
    """-1 first is the batch; -1 elsewhere leaves the size open."""


class Signature(Section):
    """What a signature must take and answer, and how a request for it is made of an example."""

    feed: Literal["pixels", "png", "example", "columns"]
    """The image as numbers, as an encoded PNG file, the serialized tf.Example itself, or each
    feature of it as the input of its name."""
    images: dict[str, _Shape] = pydantic.Field({})
    """Among features that are not one image alone, those that are images: columns take PNG or JPEG
    files of them, examples hold pixels of this shape, row-major uint8."""
    inputs: dict[str, Tensor] = pydantic.Field(min_length=1)
    outputs: dict[str, Tensor] = pydantic.Field(min_length=1)
    defaults: dict[str, str | float] | None = None
    """What a request may leave out, and what the signature fills in then; None where anything may
    be."""

    @pydantic.model_validator(mode="after")
    def _one_input_unless_columns(self) -> Signature:
        if self.feed != "columns" and len(self.inputs) > 1:
            raise ValueError(f"feed {self.feed} is for one input; set it to columns for several")
        return self


class Options(Section):
    """Everything that people can tell the check; docs/serving_check.md explains each key."""

    load_seconds: _Budget = 60.0
    p50_ms: _Budget = 20.0
    p99_ms: _Budget = 100.0
    megabytes: _Budget = 1_500.0
    """Peak resident memory of the server."""
    megabytes_both: _Budget = 2_000.0
    """The same with the live version and the candidate resident, as during a hot swap."""
    growth_percent: _Budget = 5.0
    """Growth of resident memory over `growth_requests` requests."""
    growth_requests: _Count = 10_000
    switch_seconds: _Budget = 5.0
    """From a change of the base path until the right version answers."""
    comparison_requests: _Count = 400
    """To the live version, and as many to the candidate."""
    p99_ratio: _Budget = 1.2
    """The candidate's p99 over the live version's."""
    throughput_ratio: _Budget = 0.85
    """The candidate's throughput over the live version's."""
    slower_ms: _Budget = 1.0
    """What a request may take longer than with the live version, whatever these two say."""
    first_request_ratio: _Budget = 3.0
    """The first request after a load over the steady p50."""
    first_request_ms: _Budget = 20.0
    """What the first request may take however small the p50 is."""

    latency_requests: _Count = 200
    parity_examples: _Count = 256
    """The fewest reference examples that parity may rest on; all of them where eval has fewer."""
    parity_absolute: _Budget = 1e-5
    parity_relative: pydantic.NonNegativeFloat = 1e-4

    signatures: dict[str, Signature] = pydantic.Field({})
    """What the candidate must have; by default what its features and label make. Latency is
    measured on the first one."""
    output: str = "probabilities"
    """The output that is compared with the reference."""
    image_feature: str = ""
    """Feature of an example with the pixels: one bytes value, row-major uint8."""
    image_shape: _Shape = ()
    label_feature: str = ""
    """Feature of an example with the index of the right label: one int64 value."""

    test_split: str = "test"
    """Split for the final accuracy; a data set without it has no such figure."""
    test_batch: _Count = 256

    backend: Backend = "auto"
    """The model server to check on; `auto` takes the first that works here."""

    @property
    def parity(self) -> Tolerance:
        """How far an answer may be from the trained model's."""
        return self.consistency

    @property
    def consistency(self) -> Tolerance:
        """How far an answer that nobody knows may be from what it was before."""
        return Tolerance(self.parity_absolute, self.parity_relative)

    @pydantic.model_validator(mode="after")
    def _every_signature_answers_the_output(self) -> Options:
        for name, signature in self.signatures.items():
            if self.output not in signature.outputs:
                raise ValueError(f"signature {name} has no output {self.output!r}")
        return self


class NodeOptions(Options):
    """What the node is told: the settings, and what only a pipeline knows."""

    data_source: str = ""
    """Where the data came from; the report repeats it."""


class Sized(NodeOptions):
    """Options of a model whose answers are numbers, with what is known of their size.

    No setting: it is found in the reference.
    """

    magnitude: pydantic.PositiveFloat
    """What `parity_absolute` counts in."""
    around_value: float
    """See Tolerance."""
    spread: pydantic.NonNegativeFloat
    """See Tolerance."""

    @property
    def parity(self) -> Tolerance:
        """How far an answer may be from the trained model's."""
        return Tolerance(
            self.parity_absolute * self.magnitude,
            self.parity_relative,
            self.around_value,
            self.spread,
        )


def parse_options(text: str) -> NodeOptions:
    """Reads a JSON object of options.

    Raises:
      OptionsError: not JSON, or a key or value is refused.
    """
    try:
        return NodeOptions.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise OptionsError(refusal(error, Options, prefix="serving_check.")) from error
