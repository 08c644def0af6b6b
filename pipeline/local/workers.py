"""Whether the workers of another machine can do what nodes will ask of them."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.beam_workers.canary import check_workers
from pipeline.places import Places
from pipeline.settings import Settings


def try_workers(settings: Settings, places: Places, arguments: Sequence[str]) -> str:
    """A line that says where the workers are, after one of them has done an element.

    Args:
      arguments: for Beam, the very ones that the nodes get.

    Raises:
      pipeline.beam_workers.canary.WorkersError: none could.
    """
    code, portable = settings.user_code, settings.beam.portable
    modules = [function.module for function in code.functions.values()] if code else []
    host = check_workers(
        arguments,
        places.copies or places.artifacts,
        endpoint=portable.job_endpoint if portable else None,
        seconds=settings.beam.start_seconds,
        module=modules[0] if modules else None,
    )
    return f"Beam workers answer, on {host}"
