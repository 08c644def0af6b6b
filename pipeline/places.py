"""Where one run reads and writes, decided by its runner."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Places:
    """Where a run reads and writes: folders here, object-store URIs on a cluster."""

    data: str
    """Folder of the four IDX files."""
    data_source: str
    """Where they came from: folder, debian, download or sample."""
    module_sha256: str | None
    """Digest of the resolved TensorFlow Hub module; None without one."""
    base_path: str
    """TF Serving base path."""
    artifacts: str
    """TFX's pipeline root."""
    copies: str | None = None
    """Folder for copies of artifacts that executors cannot use where they are; None: they can."""
    checkpoints: str | None = None
    """Where training keeps checkpoints between runs; None keeps none."""
    tuning: str | None = None
    """Where a search for settings keeps its trials between runs; None where there is none."""
    metadata: str | None = None
    """SQLite file of the ML Metadata store; None where a server is one."""
    modules: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Digests of the modules that features have for themselves, by name."""
    exports: str | None = None
    """Folder of the published variants of models; None where there can be none."""

    @property
    def is_here(self) -> bool:
        """Whether nodes run on this machine, not on a cluster."""
        return self.checkpoints is not None
