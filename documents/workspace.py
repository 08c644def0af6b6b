"""Where a local run keeps what it makes: the folders under ROOT."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from documents.predict_request import PredictRequest


@dataclasses.dataclass(frozen=True)
class Workspace:
    """The layout of ROOT, which users and other tools rely on."""

    root: Path

    @property
    def metadata(self) -> Path:
        """The ML Metadata store, a SQLite file."""
        return self.root / "metadata.db"

    @property
    def identity(self) -> Path:
        """Tells this ROOT from every other one; documents.place_id makes it."""
        return self.metadata.with_suffix(".id")

    @property
    def address(self) -> Path:
        """Where the store is instead, for runs that share one; documents.store_address reads it."""
        return self.root / "metadata.address"

    @property
    def buckets(self) -> Path:
        """Where artifacts of runs are that are not in ROOT; documents.bucket_addresses reads it."""
        return self.root / "artifacts.address"

    @property
    def artifacts(self) -> Path:
        """TFX's pipeline root: one folder per node, output and execution."""
        return self.root / "artifacts"

    @property
    def copies(self) -> Path:
        """Of artifacts in object stores that TensorFlow does not reach; they may be removed."""
        return self.root / "copies"

    @property
    def logs(self) -> Path:
        """What runs wrote down, a file each."""
        return self.root / "logs"

    def log(self, run: str) -> Path:
        """What the run of that name wrote down."""
        return self.logs / f"{run}.log"

    @property
    def checkpoints(self) -> Path:
        """Training checkpoints; outside the artifacts, so that they outlive a killed execution."""
        return self.root / "checkpoints"

    @property
    def tuning(self) -> Path:
        """What searches for settings have tried; outside the artifacts, as checkpoints are."""
        return self.root / "tuning"

    @property
    def request(self) -> Path:
        """A request body for the live model, ready for curl."""
        return self.root / PredictRequest.FILE

    @property
    def exports(self) -> Path:
        """Published variants, one folder per model and version."""
        return self.root / "exports"

    @property
    def lock(self) -> Path:
        """Held by the run that uses ROOT."""
        return self.root / ".run.lock"

    @property
    def pid(self) -> Path:
        """The process of that run, as documents/holder.py writes it."""
        return self.root / ".run.pid"

    @property
    def folders(self) -> tuple[Path, ...]:
        """What runs make as folders, but for the base path."""
        return (
            self.artifacts,
            self.copies,
            self.logs,
            self.checkpoints,
            self.exports,
            self.tuning,
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """What runs make as files."""
        return (self.metadata, self.address, self.buckets, self.request, self.lock, self.pid)

    @property
    def serving(self) -> Path:
        """The base paths, one folder per model."""
        return self.root / "serving"

    def base_path(self, model_name: str) -> Path:
        """The TF Serving base path used unless the settings name another."""
        return self.serving / model_name
