"""How the network is trained: the part of the Trainer's custom_config that is named `training`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pydantic

from documents.settings.section import Section, refusal

_Fraction = Annotated[float, pydantic.Field(ge=0, lt=1)]


_Weight = Annotated[float, pydantic.Field(gt=0, le=1e6)]
_Width = Annotated[int, pydantic.Field(ge=1, le=65_536)]
_Own = Annotated[bool | int | float | str, pydantic.Field(union_mode="left_to_right")]


class OptionsError(ValueError):
    """A training option is unknown, of another type, or out of range."""


class EarlyStoppingOptions(Section):
    """When a training ends before its last epoch."""

    patience: int = pydantic.Field(ge=1, le=100_000)
    """Epochs in a row that are no better than the best one before."""
    min_delta: float = pydantic.Field(0.0, ge=0, le=1e6)
    """By how much the loss has to be lower to be better."""


class TensorboardOptions(Section):
    """What TensorBoard shows beside curves, the graph and the confusion matrix.

    By itself there is what costs next to nothing.
    """

    mistakes: int = pydantic.Field(24, ge=0, le=1_000)
    """Examples of the eval split that were answered worst: pictures, and rows of a table."""
    vectors: bool = True
    """Those of words and categories, for the projector."""
    histograms: bool = False
    """Of the weights after each epoch."""
    profile: bool = False
    """What a few steps do when."""


class TrainingOptions(Section):
    """Options of one training: the section `training` of the settings, and what the Trainer takes.

    The bounds are far from what makes sense, but what lies beyond them cannot end well: a rate that
    float32 does not hold, a number of steps that takes years.
    """

    epochs: int = pydantic.Field(5, ge=1, le=100_000)
    batch_size: int = pydantic.Field(128, ge=1, le=1_000_000)
    learning_rate: float = pydantic.Field(1e-2, gt=0, le=1_000)
    """Peak of the one-cycle schedule."""
    weight_decay: float = pydantic.Field(1e-2, ge=0, le=1_000)
    warmup_fraction: _Fraction = 0.2
    """Part of all steps in which the learning rate rises."""
    label_smoothing: _Fraction = 0.1
    class_weights: Literal["balanced"] | dict[str, _Weight] | None = None
    """What an example counts for by its class, 1 where nothing is said; `balanced` has every class
    count for as much as any other."""
    early_stopping: EarlyStoppingOptions | None = None
    """None: all epochs are trained, and the last one is taken."""
    augment: bool = True
    """Mirrors half of the images and shifts each by up to a pixel."""
    widths: list[_Width] = pydantic.Field(default=[128, 128], max_length=16)
    """Of the dense layers over features that are not one image alone, the first one first."""
    dropout: _Fraction | None = None
    """Part of what comes out of each dense layer, or of an image alone, that a step leaves out;
    None: a tenth behind dense layers, and nothing behind an image alone."""
    dimensions: int = pydantic.Field(16, ge=1, le=4_096)
    """Length of the vector of each word and category."""
    options: dict[str, _Own] = pydantic.Field(default={}, max_length=100)
    """Whatever a network of the user's own reads as `features.options`."""
    tensorboard: TensorboardOptions = TensorboardOptions()
    strategy: Literal["none", "mirrored", "multi_worker"] = "none"
    """What computes a step: one device, all of this machine, or all processes of TF_CONFIG. Each
    has an equal part of `batch_size`."""
    seed: int = pydantic.Field(0, ge=0, le=2**31 - 1)
    """TensorFlow's seeds are int32."""
    checkpoint_steps: int | None = pydantic.Field(None, ge=1, le=2**31 - 1)
    """Steps between two checkpoints; None means once an epoch."""

    @classmethod
    def validated(cls, values: Mapping[str, Any]) -> TrainingOptions:
        """The options in `values`; what is not there keeps its default. Raises OptionsError."""
        try:
            return cls.model_validate(values)
        except pydantic.ValidationError as error:
            raise OptionsError(refusal(error, cls, prefix="training.")) from error
