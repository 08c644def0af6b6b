"""What single nodes are told of the settings, in the form that each of them takes."""

from __future__ import annotations

from typing import Any

from tfx.proto import range_config_pb2

from components.serving_check.expected import complete
from pipeline.places import Places
from pipeline.settings import Settings


def learned(settings: Settings, places: Places) -> dict[str, Any]:
    """What is learned and how, as Trainer and Tuner take it."""
    return {
        "declaration": settings.declaration.model_dump_json(),
        "training": settings.training.model_dump(),
        "hub": settings.hub and {**settings.hub.model_dump(), "sha256": places.module_sha256},
        **_modules(settings, places),
    }


def _modules(settings: Settings, places: Places) -> dict[str, Any]:
    """Modules of features as the Trainer takes them; nothing where there are none."""
    found = {
        name: {**module.model_dump(), "sha256": places.modules[name]}
        for name, module in settings.declaration.modules.items()
    }
    return {"modules": found} if found else {}


def told(settings: Settings, function: str, other: str, *more: str) -> dict[str, Any]:
    """What a node is told of the user's code: its functions, and whether there is the other one.

    Of that the digest is left out, so that an edit of it is none of this node's.
    """
    found = {
        name: reference.model_dump(exclude={"digest"} if name == other else set())
        for name in (function, other, *more)
        if (reference := settings.function(name))
    }
    return {"code": found} if found else {}


def range_config(span: int | None) -> range_config_pb2.RangeConfig | None:
    """That one span is read, as ExampleGen takes it; None where there are none."""
    if span is None:
        return None
    return range_config_pb2.RangeConfig(
        static_range=range_config_pb2.StaticRange(start_span_number=span, end_span_number=span)
    )


def confirm(settings: Settings) -> dict[str, Any] | None:
    """What has to confirm each push, as Pusher takes it."""
    if settings.push.confirm_url is None:
        return None
    return {
        "url": settings.push.confirm_url,
        "seconds": settings.push.confirm_seconds,
        "options": complete(settings.serving_check, settings.declaration).model_dump_json(),
    }
