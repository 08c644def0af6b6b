"""What Beam does over and over while it builds and runs a job, done once."""

from __future__ import annotations

from pipeline.beam_workers.signatures import remember_signatures
from pipeline.beam_workers.sizes import measure_without_listing_modules
from pipeline.beam_workers.stateless import remember_stateless
from pipeline.beam_workers.submodules import find_submodules_by_name


def take_shortcuts() -> None:
    """From now on, in this process."""
    remember_signatures()
    remember_stateless()
    find_submodules_by_name()
    measure_without_listing_modules()
