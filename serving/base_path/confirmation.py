"""The record that a model server serves a version."""

from __future__ import annotations

import logging
import os

from serving.base_path import journal, ledger
from serving.base_path.errors import BasePathError, describe
from serving.base_path.versions import Version, live_version


def record_confirmation(version: Version, by: str, content_digest: str) -> None:
    """Adds a line to the ledger of the version's base path.

    The version is served all the same when that fails, so then there is only a warning.

    Args:
      version: the version.
      by: address of the model server.
      content_digest: of the version.
    """
    base = os.path.dirname(version.path)
    try:
        with journal.turn(base):
            live = live_version(base)
            number = live.number if live else None
            entry = ledger.Entry(
                time=ledger.now(),
                action="confirm",
                version=version.number,
                live_before=number,
                live_after=number,
                content_digest=content_digest,
                reason=f"confirmed by {by}",
            )
            journal.record(base, entry)
    except BasePathError as error:
        _warn(error)
    except OSError as error:
        _warn(describe(base, error))


def _warn(problem: object) -> None:
    logging.getLogger(__name__).warning("No line in the ledger: %s", problem)
