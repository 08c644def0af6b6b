"""What is searched where nobody says otherwise: what the kinds of features and label have. Pure."""

from __future__ import annotations

from collections.abc import Collection

from models.declaration import Declaration
from models.training.options import TrainingOptions
from models.tuning.space import Space
from models.user_code import NETWORK, PREPROCESS

_WORDS = ("category", "date", "text", "time")
_WIDTHS = [[64], [128], [64, 64], [128, 128], [256, 128], [256, 256], [128, 128, 128]]


def default_space(
    declaration: Declaration, training: TrainingOptions, functions: Collection[str] = ()
) -> Space:
    """The space around what the settings say.

    Args:
      declaration: decides which settings do anything.
      training: its values are in the middle of the ranges.
      functions: of the user's, by name: a network of theirs has neither our widths nor our vectors.
    """
    space = Space(training)
    rate, decay = training.learning_rate, training.weight_decay
    space.number("training.learning_rate", rate / 8, min(rate * 8, 1_000.0), log=True)
    if decay:
        space.number("training.weight_decay", decay / 30, min(decay * 30, 1_000.0), log=True)
    else:
        space.number("training.weight_decay", 0.0, 0.1)
    if declaration.label.kind != "number":
        choices = {0.0, 0.05, 0.1, 0.2, training.label_smoothing}
        space.choice("training.label_smoothing", sorted(choices))
    if declaration.images:
        space.choice("training.augment", [False, True])
    if NETWORK in functions:
        return space
    space.number("training.dropout", 0.0, 0.5)
    if declaration.only_image is None:
        widths = _WIDTHS + ([] if training.widths in _WIDTHS else [training.widths])
        space.choice("training.widths", widths)
    if has_vectors(declaration) or PREPROCESS in functions:
        space.choice("training.dimensions", sorted({4, 8, 16, 32, training.dimensions}))
    return space


def has_vectors(declaration: Declaration) -> bool:
    """Whether the network that is made here learns a vector for each word."""
    modules = declaration.modules
    return any(
        kind.kind in _WORDS and name not in modules for name, kind in declaration.used.items()
    )
