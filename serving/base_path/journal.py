"""One change of a base path at a time, and each one done: also when who began it was killed.

What a change is going to do is written down before it begins, and whoever changes the base path
next completes it. So the ledger never lacks what happened, nor tells what did not.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import secrets
from collections.abc import Iterator, Sequence

from documents.base_path_change import BasePathChange, Move
from documents.reader import LARGEST, DamagedError, parse
from documents.regular_file import NotRegularError, open_regular
from documents.saved_model import SAVED_MODEL
from serving.base_path import copying, ledger, storage
from serving.base_path.errors import BasePathError, describe
from serving.base_path.lease import Lease, demand_turn
from serving.base_path.waiting import SILENT_SECONDS, Waiting

JOURNAL = BasePathChange.FILE
LOCK = ".publish.lock"
LOCK_SECONDS = 600.0
"""How long a publisher waits for another one; a large model on a slow disk takes minutes."""
PRUNED = ".pruned-"
PROBE = ".probe-"


@contextlib.contextmanager
def turn(base: str) -> Iterator[ledger.Entry | None]:
    """Holds a base path for this process: by a lock, or by a lease in an object store.

    Yields:
      What had been interrupted and was completed now; None when there was no such thing.

    Raises:
      OSError: the base path cannot be used, or was taken over; filelock.Timeout when another
        process holds it.
    """
    with contextlib.ExitStack() as held:
        if storage.is_remote(base):
            held.enter_context(Lease(os.path.join(base, LOCK), LOCK_SECONDS))
        else:
            import filelock  # Brings asyncio, which nobody needs who only reads.

            lock = filelock.FileLock(os.path.join(base, LOCK))
            demand_regular(base)
            waiting = Waiting(lock.lock_file, LOCK_SECONDS)
            try:
                turn_of_ours = lock.acquire(timeout=min(SILENT_SECONDS, LOCK_SECONDS))
            except filelock.Timeout:
                waiting.goes_on()
                turn_of_ours = lock.acquire(timeout=LOCK_SECONDS)
            held.enter_context(turn_of_ours)
        yield _complete(base)


def demand_regular(base: str) -> None:
    """Returns when the files that every change of a base path on this machine needs are files.

    Raises:
      BasePathError: something else lies in the place of one, or it may not be written.
    """
    for name in (LOCK, JOURNAL, ledger.LEDGER):
        path = os.path.join(base, name)
        try:
            os.close(open_regular(path, os.O_RDWR))
        except FileNotFoundError:
            pass
        except NotRegularError as error:
            raise BasePathError(
                f"Base path {base} cannot be changed: {path} {error.strerror}; move it away."
            ) from error
        except PermissionError as error:
            raise BasePathError(
                f"Base path {base} cannot be changed: {path} may not be written by this user; "
                "mend its permissions."
            ) from error
        except OSError as error:
            raise BasePathError(describe(base, error)) from error


def demand_changeable(base: str) -> None:
    """Returns when a base path in an object store can be changed as it has to be.

    That of this machine shows it when it is changed.

    Raises:
      BasePathError: it cannot be written to, or the store has no conditional writes.
    """
    if not storage.is_remote(base):
        return
    try:
        probe = storage.place(os.path.join(base, f"{PROBE}{secrets.token_hex(8)}"))
        probe.write_new(io.BytesIO(b"{}"))
        try:
            probe.demand_conditions()
        finally:
            probe.remove()
    except OSError as error:
        raise BasePathError(describe(base, error)) from error


def carry_out(base: str, entry: ledger.Entry, moves: Sequence[Move]) -> None:
    """Makes the moves, in their order, and records the entry. The caller has its turn.

    Raises:
      OSError: a move cannot be made. On this machine those before it were taken back; in an object
        store the next change tries again, except for a publish, which is dropped.
    """
    journal = os.path.join(base, JOURNAL)
    note = BasePathChange(entry=entry, moves=tuple(moves)).encode()
    if storage.is_remote(base):
        storage.write(journal, io.BytesIO(note))
        try:
            _relocate(base, moves)
        except OSError:
            if entry.action != "publish":
                raise
            if not _published(base, entry):
                storage.remove_file(journal)
                raise
    else:
        try:
            storage.write(journal, io.BytesIO(note))
            storage.sync_folder(base)
            _rename(base, moves)
        except OSError:
            storage.remove(journal)
            raise
        storage.sync_folder(base)
    if record(base, entry):
        storage.remove_file(journal)


def record(base: str, entry: ledger.Entry) -> bool:
    """Adds an entry for what model servers see by now, so that failing would tell a falsehood.

    Returns:
      Whether it was added; if not, a warning was logged.
    """
    try:
        ledger.record(base, entry)
    except OSError as error:
        logging.getLogger(__name__).warning("No line in the ledger: %s", describe(base, error))
        return False
    return True


def interrupted(base: str) -> ledger.Entry | None:
    """What a killed process was about to do, which the next change completes; None: nothing.

    Only a look: it needs no turn.
    """
    try:
        note = _read(base)
    except (DamagedError, OSError):
        return None  # The next change says so.
    return note.entry if note else None


def _read(base: str) -> BasePathChange | None:
    try:
        with storage.reading(os.path.join(base, JOURNAL)) as file:
            return parse(BasePathChange, file.read(LARGEST + 1))
    except FileNotFoundError:
        return None


def _complete(base: str) -> ledger.Entry | None:
    journal = os.path.join(base, JOURNAL)
    try:
        note = _read(base)
    except DamagedError:
        storage.remove_file(journal)  # Cut off before the first move.
        return None
    if note is None:
        return None
    entry, moves = note.entry, note.moves
    if entry.action == "publish":
        # A new version that nobody has seen is dropped: its pipeline did not get to the end.
        if not _published(base, entry):
            storage.remove_file(journal)
            return None
    elif storage.is_remote(base):
        _relocate(base, moves)
    else:
        _rename(base, moves)
        storage.sync_folder(base)
    if ledger.read_ledger(base)[-1:] != [entry]:
        ledger.record(base, entry)
    storage.remove_file(journal)
    logging.getLogger(__name__).warning(
        "Completed the %s of version %d that was interrupted at %s.",
        *(entry.action, entry.version, entry.time),
    )
    return entry


def _published(base: str, entry: ledger.Entry) -> bool:
    """Whether a publish that was cut short got as far as that servers can load the version.

    If not, what is there of it in an object store is removed.
    """
    version = os.path.join(base, str(entry.version))
    if not storage.is_remote(base):
        return storage.exists(version)
    if storage.exists(os.path.join(version, SAVED_MODEL)):
        return True
    copying.discard(version)
    return False


def _rename(base: str, moves: Sequence[Move]) -> None:
    done: list[tuple[str, str]] = []
    try:
        for name, new_name in moves:
            source = os.path.join(base, name)
            target = os.path.join(base, new_name or PRUNED + name)
            if not os.path.lexists(source):
                continue  # Moved before the interruption.
            if os.path.lexists(target):
                raise BasePathError(
                    f"Base path {base} holds both {name} and {os.path.basename(target)}; "
                    "move one of them away."
                )
            os.rename(source, target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            os.rename(target, source)
        raise


def _relocate(base: str, moves: Sequence[Move]) -> None:
    for name, new_name in moves:
        source = os.path.join(base, name)
        if not storage.exists(source):
            continue
        demand_turn(os.path.join(base, LOCK))
        if new_name is None:
            copying.discard(source)
        else:
            copying.relocate(source, os.path.join(base, new_name))
