"""Whether the options of a training go with what is learned. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from models.declaration import Declaration
from models.options import TrainingOptions


def misfits(options: TrainingOptions, declaration: Declaration) -> Iterator[tuple[str, str]]:
    """What was set and would do nothing, or cannot be done.

    Yields:
      keys below `training`, each with the end of a sentence about it.
    """
    label, given = declaration.label, options.model_fields_set
    has_images = any(kind.kind == "image" for kind in declaration.used.values())
    if "augment" in given and options.augment and not has_images:
        yield "augment", "it changes images, and no feature is one; leave it out"
    if "label_smoothing" in given and options.label_smoothing and label.kind == "number":
        yield (
            "label_smoothing",
            "it is of classes and tags, and the label is a number; leave it out",
        )
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


def effective(options: TrainingOptions, declaration: Declaration) -> TrainingOptions:
    """The options without those that would do nothing, as records should have them."""
    found: dict[str, object] = {}
    if not any(kind.kind == "image" for kind in declaration.used.values()):
        found["augment"] = False
    if declaration.label.kind == "number":
        found["label_smoothing"] = 0.0
    return options.model_copy(update=found)
