"""The models being served: configured, watched in their base paths, loaded and reloaded."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

from serving.server import heap
from serving.server.loading import file_system
from serving.server.servable import Servable
from serving.server.status import Code, StatusError
from serving.server.versions import text_config
from serving.server.versions.life_cycle import LifeCycle, State, VersionStatus
from serving.server.versions.model_config import ModelConfig, aspired_versions
from serving.server.versions.routes import ModelSpec

_logger = logging.getLogger(__name__)

_RETRY_TICK_SECONDS = 1.0
_RELOAD_TICK_SECONDS = 1.0


class Core:
    """Keeps the life cycle in step with the configuration and the base paths."""

    def __init__(
        self,
        configs: Sequence[ModelConfig],
        load: Callable[[str], Servable],
        *,
        poll_seconds: float,
        max_retries: int,
        retry_seconds: float,
        label_unavailable: bool = False,
    ) -> None:
        """Loads nothing yet.

        Args:
          configs: what to serve.
          load: loads the version in a folder.
          poll_seconds: time between two looks at the base paths; at 0 or below there is one only.
          max_retries: how often a failed load is repeated.
          retry_seconds: time between attempts.
          label_unavailable: whether a new label may point to a version that is not available.
        """
        self._configs = list(configs)
        self._poll_seconds = poll_seconds
        self._label_unavailable = label_unavailable
        self._stopping = threading.Event()
        # One thread at a time looks and steps: the poller, or a request to reload the config.
        self._turn = threading.RLock()
        self.models: LifeCycle[Servable] = LifeCycle(
            load,
            max_retries=max_retries,
            retry_seconds=retry_seconds,
            unloaded=heap.collect_and_trim,
        )
        self._poller = threading.Thread(target=self._poll, name="poller", daemon=True)
        self._watched: tuple[str, int] | None = None
        self._watch_due = 0.0

    def start(self) -> None:
        """Returns once every model has a version available; waits for versions to appear.

        Raises:
          StatusError: no version of a model could be loaded, or a label has no version: nothing is
            available yet, so it takes `label_unavailable` to start with labels.
        """
        self._set_labels(self._configs)
        self._look()
        while not self._stopping.is_set():
            self._demand_available(self._configs, "servable(s)")
            if all(self._is_available(config.name) for config in self._configs):
                self._poller.start()
                return
            self._tick()

    def stop(self) -> None:
        """Ends polling, or waiting for a start; what is loaded stays so."""
        self._stopping.set()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping.is_set()

    @property
    def names(self) -> frozenset[str]:
        """The models that are configured."""
        return frozenset(config.name for config in self._configs)

    def watch_config(self, path: str, seconds: int) -> None:
        """Looks at a file and serves what it configures; a bad one is logged and not taken."""
        self._watched = (path, seconds)
        self._watch_due = time.monotonic() + seconds

    def reload(
        self, configs: Sequence[ModelConfig], wanted: Callable[[], bool] = lambda: True
    ) -> None:
        """Serves other models from now on; returns once those that are new are available.

        Args:
          configs: all models.
          wanted: whether anybody still waits for those that are new.

        Raises:
          StatusError: a label has no version, and nothing was changed; or a new model could not be
            loaded, and is configured nevertheless, as upstream.
        """
        added = self._configure(configs)
        while wanted() and not all(self._is_available(config.name) for config in added):
            self._demand_available(added, "model(s)")
            if self._stopping.wait(_RELOAD_TICK_SECONDS):
                return
            self._look()
        self._demand_available(added, "model(s)")

    def _configure(self, configs: Sequence[ModelConfig]) -> list[ModelConfig]:
        """Returns the models that are new."""
        with self._turn:
            self._set_labels(configs)
            known = self.names
            for name in known - {config.name for config in configs}:
                self.models.aspire(name, {})
            self._configs = list(configs)
            self._look()
        return [config for config in configs if config.name not in known]

    def _set_labels(self, configs: Sequence[ModelConfig]) -> None:
        self.models.set_labels(
            {config.name: config.labels for config in configs},
            allow_unavailable=self._label_unavailable,
        )

    def _demand_available(self, configs: Sequence[ModelConfig], what: str) -> None:
        """Raises StatusError when a model has ended with an error and has nothing to serve."""
        problems = [
            f"{{{{name: {config.name} version: {version.number}}} due to error:"
            f" {version.error.described}}}, "
            for config in configs
            if all(version.state is State.END for version in self._status(config.name))
            for version in self._status(config.name)
            if version.error
        ]
        if problems:
            raise StatusError(
                Code.UNKNOWN,
                f"{len(problems)} {what} did not become available: {{{''.join(problems)}}}",
            )

    def _is_available(self, name: str) -> bool:
        return any(version.state is State.AVAILABLE for version in self._status(name))

    def _status(self, name: str) -> Sequence[VersionStatus]:
        try:
            return self.models.status(ModelSpec(name))
        except StatusError:
            return ()

    def _poll(self) -> None:
        while not self._stopping.is_set():
            try:
                self._tick()
            except Exception:  # Whatever it is, what is served goes on, and so do the looks.
                _logger.exception("A look at the base paths failed")

    def _tick(self) -> None:
        """Waits and looks again; without polling, only repeats loads that are due."""
        polls = self._poll_seconds > 0
        if self._stopping.wait(self._poll_seconds if polls else _RETRY_TICK_SECONDS):
            return
        self._look_at_config()
        if polls:
            self._look()
        else:
            with self._turn:
                self.models.step()

    def _look_at_config(self) -> None:
        if self._watched is None or time.monotonic() < self._watch_due:
            return
        path, seconds = self._watched
        self._watch_due = time.monotonic() + seconds
        try:
            configs = text_config.parse_models(text_config.read(path), self.names)
        except StatusError as error:
            _logger.error("Failed to read ModelServerConfig file: %s", error.message)
            return
        if configs is None:
            # A file that is being written is empty for a moment.
            _logger.warning("Taking no action for empty config.")
            return
        if configs == self._configs:
            return
        _logger.info("Adding/updating models.")
        try:
            # Nobody waits here for those that are new: the file may be mended meanwhile. A label
            # whose version comes later is tried again with the next look.
            self._configure(configs)
        except StatusError as error:
            _logger.error("PollFilesystemAndReloadConfig failed to ReloadConfig: %s", error.message)

    def _look(self) -> None:
        with self._turn:
            for config in self._configs:
                self._look_at_base_path(config)
            self.models.step()

    def _look_at_base_path(self, config: ModelConfig) -> None:
        try:
            entries = file_system.children(config.base_path)
        except StatusError as error:
            # Nothing is unloaded: a file system that is away for a while takes no model down.
            _logger.error(
                "FileSystemStoragePathSource encountered a filesystem access error:"
                " Could not find base path %s for servable %s with error %s",
                config.base_path,
                config.name,
                error.described,
            )
            return
        aspired = aspired_versions(entries, config.policy)
        if not aspired:
            _logger.warning(
                "No versions of servable %s found under base path %s. Did you forget to name your"
                " leaf directory as a number (eg. '/1/')?",
                config.name,
                config.base_path,
            )
        self.models.aspire(
            config.name,
            {number: os.path.join(config.base_path, entry) for number, entry in aspired.items()},
        )
