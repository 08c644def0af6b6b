"""Whether the options of a training go with what is learned. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from models.declaration import Declaration
from models.training.options import TrainingOptions
from models.tuning.default_space import has_vectors
from models.user_code import NETWORK, PREPROCESS

_OF_NETWORK = ("widths", "dropout", "dimensions")
"""Options of the network that is made here."""


def misfits(
    options: TrainingOptions, declaration: Declaration, functions: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """What was set and would do nothing, or cannot be done.

    Args:
      functions: of the user's, by name.

    Yields:
      keys below `training`, each with the end of a sentence about it.
    """
    label, given = declaration.label, options.model_fields_set
    if "augment" in given and options.augment and not declaration.images:
        yield "augment", "it changes images, and no feature is one; leave it out"
    if "label_smoothing" in given and options.label_smoothing and label.kind == "number":
        yield (
            "label_smoothing",
            "it is of classes and tags, and the label is a number; leave it out",
        )
    yield from _of_networks(options, declaration, functions)
    if options.class_weights is None:
        return
    if label.kind != "classes":
        yield (
            "class_weights",
            f"it is of classes, and the label is of kind {label.kind}; leave it out",
        )
        return
    names = label.names or ()
    for name in options.class_weights if isinstance(options.class_weights, dict) else ():
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"write {close[0]!r}" if close else "write each as label.values have it"
            yield f"class_weights.{name}", f"label.values name no such class; {hint}"


def _of_networks(
    options: TrainingOptions, declaration: Declaration, functions: Collection[str]
) -> Iterator[tuple[str, str]]:
    given, own_network = options.model_fields_set, NETWORK in functions
    if not own_network and options.options:
        yield "options", "they are for a network of your own; define network in `code`"
    for key in _OF_NETWORK if own_network else ():
        if key in given:
            yield key, "it is of the network that this project makes, and `code` defines another"
    if own_network:
        return
    if "widths" in given and declaration.only_image:
        yield "widths", "there are no dense layers behind an image alone; leave it out"
    has_more = has_vectors(declaration) or PREPROCESS in functions
    if "dimensions" in given and not has_more:
        yield "dimensions", "no feature is a category, a date or a text of words; leave it out"


def effective(
    options: TrainingOptions, declaration: Declaration, *, is_frozen: bool = False
) -> TrainingOptions:
    """The options without those that would do nothing, as records should have them.

    Args:
      is_frozen: whether the module of the images stays as it is: unless somebody asks for other
        images in each epoch, it is asked once about each.
    """
    found: dict[str, object] = {}
    if not declaration.images or (is_frozen and "augment" not in options.model_fields_set):
        found["augment"] = False
    if declaration.label.kind == "number":
        found["label_smoothing"] = 0.0
    return options.model_copy(update=found)
