"""Records a run beside its executions: how it was started, its settings, and how it ended."""

from __future__ import annotations

import logging
import shutil
import subprocess
import time
from pathlib import Path

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.orchestration import metadata

from documents.run_owner import ARTIFACTS, LEASE, OWNER, RunOwner
from documents.run_record import RunRecord
from pipeline.settings import REPOSITORY

_GIT_SECONDS = 5


def begin(
    connection: metadata.Metadata,
    run_id: str,
    record: RunRecord,
    owner: RunOwner | None = None,
    artifacts: str = "",
) -> None:
    """Makes the context of the run, which TFX then finds there.

    Args:
      connection: to the store.
      run_id: name of the run.
      record: how it was started.
      owner: who works on it, for others who share the store.
      artifacts: its pipeline root, for them.
    """
    with connection as handle:
        context = _put(handle.store, run_id, record)
        if owner:
            context.custom_properties[OWNER].string_value = owner.as_text()
            context.custom_properties[ARTIFACTS].string_value = artifacts
            context.custom_properties[LEASE].double_value = time.time()
            handle.store.put_contexts([context])


def renew(connection: metadata.Metadata, run_id: str, now: float) -> None:
    """Says that somebody works on the run.

    Args:
      connection: to the store.
      run_id: name of a run that has begun.
      now: seconds since 1970.
    """
    with connection as handle:
        context = _context(handle.store, run_id)
        if context:
            context.custom_properties[LEASE].double_value = now
            handle.store.put_contexts([context])


def end(connection: metadata.Metadata, run_id: str, outcome: str, reason: str | None) -> None:
    """Adds how the run ended; a run that never began has no context, and gets none.

    Never raises: what made the run fail may keep this from working as well.
    """
    try:
        with connection as handle:
            if _context(handle.store, run_id):
                _put(handle.store, run_id, RunRecord(outcome=outcome, reason=reason))
    except Exception:
        logging.getLogger(__name__).exception("How run %s ended is not recorded.", run_id)


def _put(
    store: metadata_store.MetadataStore, run_id: str, record: RunRecord
) -> metadata_store_pb2.Context:
    kind = metadata_store_pb2.ContextType(name=constants.PIPELINE_RUN_CONTEXT_TYPE_NAME)
    context = _context(store, run_id) or metadata_store_pb2.Context(
        type_id=store.put_context_type(kind), name=run_id
    )
    for name, value in record.as_properties().items():
        text = value.encode("utf-8", "backslashreplace").decode()
        context.custom_properties[name].string_value = text
    [context.id] = store.put_contexts([context])
    return context


def _context(store: metadata_store.MetadataStore, run_id: str) -> metadata_store_pb2.Context | None:
    return store.get_context_by_type_and_name(constants.PIPELINE_RUN_CONTEXT_TYPE_NAME, run_id)


def commit(folder: Path = REPOSITORY) -> str | None:
    """The commit of the sources, then `+` where they were changed since; None without git."""
    git = shutil.which("git")
    if git is None or not (folder / ".git").exists():
        return None
    head = _ask(git, folder, "rev-parse", "HEAD")
    changed = _ask(git, folder, "status", "--porcelain", "--untracked-files=no")
    return f"{head}{'+' if changed else ''}" if head else None


def _ask(git: str, folder: Path, *arguments: str) -> str | None:
    try:
        found = subprocess.run(
            [git, "--no-optional-locks", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() if found.returncode == 0 else None
