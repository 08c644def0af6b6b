"""Artifacts in a bucket: what lies below one address, read within a bound of time.

A page or command asks as often as it has to, and waits no longer than that for all of it. Who does
not get an answer says so once, and goes on with what the store of the runs tells.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, TypeVar

from documents import reader

if TYPE_CHECKING:
    from serving.objects.store import Found, Store

MOST_SECONDS = 30.0
"""That one question waits, for all of its requests together."""
AWAY_SECONDS = 60.0
"""So long nothing more is asked of a bucket that did not answer."""
HANGS_SECONDS = 10.0
"""A request that took longer and has no answer: nor will the next one."""
LISTED_SECONDS = 5.0
"""So long the objects of an artifact are those that were listed."""
SCHEMES = ("gs", "s3")
"""Of addresses that can be read here."""
MEND = "where that stays so, copy the files and name their folder with --root"

_WAITS = (0.5,)
"""Before a further attempt: somebody is looking at the page."""
_MOST_LISTED = 1_000

T = TypeVar("T")


class AwayError(FileNotFoundError):
    """Nothing is read from the bucket now. What is wrong was said already."""


class Bucket:
    """Objects below an address such as gs://bucket/runs."""

    def __init__(self, address: str) -> None:
        """Sends nothing yet."""
        self.address = address.rstrip("/")
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._listed: dict[str, tuple[float, Mapping[str, Found]]] = {}
        self._problem = ""
        self._away_until = 0.0
        self._of_thread = threading.local()

    def begin(self) -> None:
        """What this thread asks from here on is another question."""
        self._of_thread.waited = 0.0

    def holds(self, uri: str) -> bool:
        """Whether a uri is the address or below it."""
        below = f"{uri.rstrip('/')}/".startswith(f"{self.address}/")
        return below and not {".", ".."} & {*uri.split("/")}  # which some client would resolve

    def files(self, uri: str) -> Mapping[str, Found]:
        """The objects behind a uri, by their paths below it; that of an object itself is its name.

        Empty, after a sentence on the `progress` logger, where the bucket does not answer.
        """
        key = uri.rstrip("/").partition("://")[2].partition("/")[2]
        now = time.monotonic()
        listed, found = self._listed.get(key, (float("-inf"), {}))
        if now - listed < LISTED_SECONDS:
            return found
        try:
            found = self._ask(lambda store: _below(store, key))
        except AwayError:
            return {}
        with self._lock:
            if len(self._listed) >= _MOST_LISTED:
                self._listed.clear()
            self._listed[key] = now, found
        return found

    def is_there(self, uri: str) -> bool:
        """Whether files are behind a uri, or the mark of a folder that nothing was written to."""
        if self.files(uri):
            return True
        key = uri.rstrip("/").partition("://")[2].partition("/")[2]
        try:
            return self._ask(lambda store: bool(store.names(f"{key}/")))
        except AwayError:
            return False

    def open(self, found: Found) -> IO[bytes]:
        """The bytes of an object, as they were when it was listed.

        Raises:
          FileNotFoundError: it is gone, or the bucket does not answer (AwayError); so does reading.
        """
        from serving.objects.content import as_file

        return as_file(_Asked(self._ask), found)

    def _ask(self, act: Callable[[Store], T]) -> T:
        if time.monotonic() < self._away_until:
            raise self._away(self._problem)
        answers: list[T] = []
        errors: list[Exception] = []

        def work() -> None:
            try:
                answers.append(act(self._opened()))
            except Exception as error:
                errors.append(error)

        # Of a client that looks for credentials, or for a host, nobody knows how long it waits.
        thread = threading.Thread(target=work, daemon=True, name=f"reads {self.address}")
        waited, began = getattr(self._of_thread, "waited", 0.0), time.monotonic()
        if waited < MOST_SECONDS:
            thread.start()
            thread.join(MOST_SECONDS - waited)
        took = time.monotonic() - began
        self._of_thread.waited = waited + took
        if answers:
            return answers[0]
        if not errors:
            if took > HANGS_SECONDS:
                raise self._away(f"gave no answer for {took:.0f} s", lasts=True)
            raise self._away(f"took more than {MOST_SECONDS:g} s for the files that were asked for")
        [error] = errors
        if isinstance(error, FileNotFoundError):
            raise error
        if isinstance(error, (OSError, ImportError)):
            words = (getattr(error, "strerror", None) or str(error)).rstrip(".")
            raise self._away(f"cannot be read ({words})", lasts=True) from error
        raise error

    def _opened(self) -> Store:
        from serving.objects.patience import PatientStore
        from serving.objects.place import STORES

        with self._lock:
            if self._store is None:
                scheme, _, rest = self.address.partition("://")
                self._store = PatientStore(STORES[scheme](rest.partition("/")[0]), _WAITS)
            return self._store

    def _away(self, problem: str, lasts: bool = False) -> AwayError:
        if lasts:
            self._problem, self._away_until = problem, time.monotonic() + AWAY_SECONDS
        reader.pass_over(self.address, problem, MEND)
        return AwayError(problem)


class _Asked:
    """A store of which objects are read, each piece within the bound of time."""

    def __init__(self, ask: Callable[[Callable[[Store], bytes]], bytes]) -> None:
        self._ask = ask

    def read(self, found: Found, start: int, size: int) -> bytes:
        return self._ask(lambda store: store.read(found, start, size))


def root_problem(root: str) -> str | None:
    """What is wrong with the name of a folder or the address of artifacts; None of a right one."""
    scheme, separator, rest = root.partition("://")
    if not separator or (scheme in SCHEMES and rest.strip("/")):
        return None
    known = " or ".join(f"{each}://BUCKET/…" for each in SCHEMES)
    return f"{root!r:.100} is no folder; name one, or {known}"


def readable(addresses: Sequence[str]) -> list[Bucket]:
    """The buckets among addresses that anything here can read."""
    return [Bucket(each) for each in addresses if each.partition("://")[0] in SCHEMES]


def _below(store: Store, key: str) -> Mapping[str, Found]:
    prefix = f"{key}/" if key else ""
    found = {
        each.key[len(prefix) :]: each
        for each in store.objects(prefix)
        if not each.key.endswith("/")
    }
    if found or not key:
        return found
    try:
        return {key.rpartition("/")[2]: store.find(key)}
    except FileNotFoundError:
        return {}
