"""Loads and unloads versions so that a model, once available, stays available."""

from __future__ import annotations

import dataclasses
import enum
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from serving.server.status import Code, StatusError, invalid_argument
from serving.server.versions.routes import ModelSpec

_logger = logging.getLogger(__name__)


class State(enum.IntEnum):
    """States of a version (apis/get_model_status.proto)."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


class Closable(Protocol):
    """What can be served: anything that is freed by `close`."""

    def close(self) -> None: ...


Model = TypeVar("Model", bound=Closable)


@dataclasses.dataclass(frozen=True)
class VersionStatus:
    """What the status request tells about one version."""

    number: int
    state: State
    error: StatusError | None


@dataclasses.dataclass
class _Version(Generic[Model]):
    number: int
    path: str
    state: State = State.START
    error: StatusError | None = None
    model: Model | None = None
    users: int = 0
    attempts: int = 0
    due: float = 0.0
    """When to load it, by the monotonic clock."""
    aspired: bool = True

    @property
    def to_load(self) -> bool:
        return self.aspired and self.state in (State.START, State.LOADING)


class Lease(Generic[Model]):
    """A version in use by a request, within a block."""

    __slots__ = ("_models", "_spec", "_version", "model", "number")

    number: int
    model: Model

    def __init__(self, models: LifeCycle[Model], spec: ModelSpec) -> None:
        self._models = models
        self._spec = spec

    def __enter__(self) -> Lease[Model]:
        self._version = version = self._models.enter(self._spec)
        assert version.model is not None  # because it is AVAILABLE
        self.number, self.model = version.number, version.model
        return self

    def __exit__(self, *error: object) -> None:
        self._models.leave(self._version)


class LifeCycle(Generic[Model]):
    """The versions of all models and their states.

    `aspire` says what is wanted and `step` does it, both from one thread; requests come from any.
    Follows upstream's AvailabilityPreservingPolicy: a version goes only after another one that is
    wanted has come, or when none is wanted. Unlike upstream, a load that waits for its next attempt
    holds up nothing else.
    """

    def __init__(
        self,
        load: Callable[[str], Model],
        *,
        max_retries: int = 5,
        retry_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        unloaded: Callable[[], None] = lambda: None,
    ) -> None:
        """Nothing is served yet.

        Args:
          load: loads the version in a folder, or raises StatusError.
          max_retries: how often a failed load is repeated before the version is given up.
          retry_seconds: time between attempts.
          clock: seconds that never go back.
          unloaded: called after models were freed.
        """
        self._load = load
        self._max_retries = max_retries
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._unloaded = unloaded
        self._lock = threading.Lock()
        self._versions: dict[str, dict[int, _Version[Model]]] = {}
        self._labels: dict[str, dict[str, int]] = {}

    def aspire(self, name: str, paths: Mapping[int, str]) -> None:
        """Sets which versions of a model are wanted: folder by number.

        A version that was given up is tried again only after it was not wanted for a while.
        """
        with self._lock:
            versions = self._versions.setdefault(name, {})
            for number, path in paths.items():
                known = versions.get(number)
                ended = known is not None and known.state is State.END
                if known is None or (ended and not known.aspired):
                    versions[number] = _Version(number, path)
                else:
                    known.aspired = True
            for number, version in versions.items():
                version.aspired = number in paths

    def step(self) -> None:
        """Does every transition that is due: loads from the highest version down, then unloads."""
        for name in list(self._versions):
            while (version := self._next_to_load(name)) is not None:
                self._try_to_load(name, version)
            self._unload_unwanted(name)
        self._close_idle()

    def _next_to_load(self, name: str) -> _Version[Model] | None:
        now = self._clock()
        with self._lock:
            due = [v for v in self._versions[name].values() if v.to_load and v.due <= now]
            return max(due, key=lambda version: version.number, default=None)

    def _try_to_load(self, name: str, version: _Version[Model]) -> None:
        described = f"{{name: {name} version: {version.number}}}"
        version.state = State.LOADING
        version.attempts += 1
        _logger.info("Loading servable: %s", described)
        try:
            version.model = self._load(version.path)
        except Exception as failure:  # Whatever a damaged model causes, the others live on.
            error = (
                failure
                if isinstance(failure, StatusError)
                else StatusError(Code.INTERNAL, f"{type(failure).__name__}: {failure}")
            )
            version.error = error
            again = version.attempts <= self._max_retries
            version.due = self._clock() + self._retry_seconds
            version.state = State.LOADING if again else State.END
            _logger.error(
                "Loading servable: %s failed: %s%s",
                described,
                error.described,
                f"; next attempt in {self._retry_seconds:g} s" if again else "",
            )
            return
        with self._lock:
            version.error = None
            version.state = State.AVAILABLE
        _logger.info("Successfully loaded servable version %s", described)

    def _unload_unwanted(self, name: str) -> None:
        with self._lock:
            versions = self._versions[name].values()
            wanted = [version for version in versions if version.aspired]
            for version in versions:
                if version.aspired:
                    continue
                if version.state in (State.START, State.LOADING):
                    version.state = State.END
                elif version.state is State.AVAILABLE and (
                    not wanted or any(other.state is State.AVAILABLE for other in wanted)
                ):
                    version.state = State.UNLOADING
                    _logger.info(
                        "Unloading servable version {name: %s version: %d}", name, version.number
                    )

    def _close_idle(self) -> None:
        """Frees what is unloading once its last request is answered."""
        closed = False
        for versions in self._versions.values():
            for version in versions.values():
                if version.state is State.UNLOADING and version.users == 0 and version.model:
                    version.model.close()
                    version.model = None
                    version.state = State.END
                    # So that it is loaded anew if it was wanted again in the meantime.
                    version.aspired = False
                    closed = True
        if closed:
            self._unloaded()

    def set_labels(
        self, labels: Mapping[str, Mapping[str, int]], *, allow_unavailable: bool = False
    ) -> None:
        """Replaces all labels of all models: version number by label by model.

        Args:
          labels: all there are.
          allow_unavailable: whether labels may point to versions that are not available. One that
            points to another version until now may not, so that requests for it go on being
            answered.

        Raises:
          StatusError: FAILED_PRECONDITION when a version is not available; nothing is changed then.
        """
        with self._lock:
            for name, numbers in labels.items():
                versions = self._versions.get(name, {})
                for label, number in numbers.items():
                    version = versions.get(number)
                    if version is not None and version.state is State.AVAILABLE:
                        continue
                    moved = self._labels.get(name, {}).get(label, number) != number
                    if not allow_unavailable or moved:
                        raise StatusError(
                            Code.FAILED_PRECONDITION,
                            f"Request to assign label to version {number} of model {name}, which"
                            " is not currently available for inference",
                        )
            self._labels = {name: dict(numbers) for name, numbers in labels.items()}

    def _number(self, spec: ModelSpec) -> int | None:
        if spec.label is None:
            return spec.version
        try:
            return self._labels[spec.name][spec.label]
        except KeyError as error:
            raise invalid_argument(f"Unrecognized servable version label: {spec.label}") from error

    def lease(self, spec: ModelSpec) -> Lease[Model]:
        """Holds the version that a request means, which cannot be freed meanwhile.

        Raises:
          StatusError: from the block's beginning, as `enter`.
        """
        return Lease(self, spec)

    def leave(self, version: _Version[Model]) -> None:
        """Lets go of what `enter` gave."""
        with self._lock:
            version.users -= 1

    def enter(self, spec: ModelSpec) -> _Version[Model]:
        """The version that a request means, held until it is left.

        Raises:
          StatusError: NOT_FOUND when it is not available; INVALID_ARGUMENT for an unknown label.
        """
        if not spec.name:
            raise invalid_argument("ModelSpec has no name specified.")
        with self._lock:
            wanted = self._number(spec)
            found = [
                version
                for number, version in self._versions.get(spec.name, {}).items()
                if version.state is State.AVAILABLE and wanted in (None, number)
            ]
            if found:
                version = max(found, key=lambda version: version.number)
                version.users += 1
                return version
        request = f"Latest({spec.name})" if wanted is None else f"Specific({spec.name}, {wanted})"
        raise StatusError(Code.NOT_FOUND, f"Servable not found for request: {request}")

    def status(self, spec: ModelSpec) -> list[VersionStatus]:
        """Every version that was ever seen, or the one asked for; lowest number first.

        A label is passed over, as in upstream's GetModelStatusImpl.

        Raises:
          StatusError: NOT_FOUND when there is none.
        """
        with self._lock:
            wanted = spec.version
            versions = [
                VersionStatus(version.number, version.state, version.error)
                for _, version in sorted(self._versions.get(spec.name, {}).items())
                if wanted in (None, version.number)
            ]
        if versions:
            return versions
        what = "any versions" if wanted is None else f"version {wanted}"
        raise StatusError(Code.NOT_FOUND, f"Could not find {what} of model {spec.name}")
