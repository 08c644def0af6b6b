"""Refuses options that no part of Beam knows, which Beam would pass over, or cannot read."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any, NoReturn

from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.options.pipeline_options import _BeamArgumentParser as BeamArgumentParser
from apache_beam.runners.runner import PipelineRunner, create_runner

from documents.settings.section import short, short_repr
from pipeline.settings import SettingsError

_JOB_SERVICE = ("portable", "flink", "spark")
"""Runners whose job service adds options of its own, which only it can name."""


def check_options(args: Sequence[str]) -> None:
    """Reads `args` as every part of Beam that is installed here would together.

    Raises:
      SettingsError: an option is unknown or its value cannot be read, or there is no such runner.
    """
    parser = _Parser()
    for options in {str(kind): kind for kind in PipelineOptions.__subclasses__()}.values():
        # No public way leads from a class to its options.
        options._add_argparse_args(parser)
    try:
        known, unknown = parser.parse_known_args(list(args))
    except _RefusedError as error:
        raise SettingsError(f"Setting `beam.args` is refused: {short(error, 200)}.") from error
    runner = str(getattr(known, "runner", None) or StandardOptions.DEFAULT_RUNNER)
    _check_runner(runner)
    if unknown and not any(name in runner.lower() for name in _JOB_SERVICE):
        name = unknown[0].partition("=")[0]
        close = difflib.get_close_matches(name, parser._option_string_actions, n=1)
        hint = f"did you mean {close[0]}?" if close else "Beam would pass it over; leave it out."
        raise SettingsError(
            f"Setting `beam.args` holds {short_repr(unknown[0])}, which is no option of Beam: "
            f"{hint}"
        )


def _check_runner(name: str) -> None:
    try:
        if not isinstance(create_runner(name), PipelineRunner):
            raise TypeError("it is no PipelineRunner")
    # Whatever the import of a module that a user names raises.
    except Exception as error:
        known = ", ".join(StandardOptions.KNOWN_RUNNER_NAMES)
        raise SettingsError(
            f"Setting `beam` names the runner {short_repr(name)}, which cannot be had here "
            f"({short(error, 60)}); choose one of {known}, or install what it needs."
        ) from error


class _RefusedError(Exception):
    """What argparse says of a value."""


class _Parser(BeamArgumentParser):
    """Raises where argparse would end the process, and knows no --help."""

    def __init__(self) -> None:
        super().__init__(add_help=False, allow_abbrev=False, conflict_handler="resolve")

    def error(self, message: Any) -> NoReturn:
        raise _RefusedError(message)
