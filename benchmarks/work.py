"""The work that every contender does: the same data, network, recipe and number of steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.example_gen.columns import columns_of
from components.example_gen.idx import IdxReader, read_labels
from models.hub.module import resolve
from pipeline.preflight import preflight
from pipeline.settings import Settings, SettingsError, load_settings, sample_settings

_NOT_OF_IMAGES = {
    "checkpoint_steps", "widths", "dimensions", "options", "tensorboard", "strategy",
}  # fmt: skip
"""What makes no difference to a network for an image alone, or to what it learns on one device."""


@dataclasses.dataclass(frozen=True)
class Work:
    """What the settings of a run mean to all contenders."""

    config: Path
    overrides: Sequence[str]
    settings: Settings
    data: Path
    """Folder of the four IDX files."""
    source: str
    """Where they came from; `sample` is the small set bundled with the code."""
    module: Path
    """The resolved TensorFlow Hub module."""
    train_examples: int

    @property
    def steps(self) -> int:
        training = self.settings.training
        return self.train_examples // training.batch_size * training.epochs

    @property
    def recipe(self) -> dict[str, Any]:
        """How the network is trained."""
        return self.settings.training.model_dump(exclude=_NOT_OF_IMAGES, exclude_none=True)

    def test_set(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Images [N, 28, 28] and labels [N] of the official test split."""
        return self._images("t10k")

    def train_set(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """As `test_set`, of all official training images."""
        return self._images("train")

    def _images(self, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        columns = columns_of(self.settings.declaration)
        with _idx_file(self.data, f"{split}-images-idx3-ubyte").open("rb") as file:
            reader = IdxReader(file, file.name, dimensions=3)
            images = np.concatenate(list(reader.batches(0, reader.shape[0])))
        with _idx_file(self.data, f"{split}-labels-idx1-ubyte").open("rb") as file:
            return images, read_labels(IdxReader(file, file.name, dimensions=1), columns.label)


def plan(config: Path, overrides: Sequence[str] = ()) -> Work:
    """Finds data and module as local_runner.py does.

    Raises:
      SettingsError: the settings are wrong.
      DatasetError: the data is missing or differs from its sha256.
      HubError: the module cannot be resolved.
    """
    settings = load_settings(config, overrides)
    dataset = preflight.gather_data(settings)
    if dataset.source == "sample":
        settings = sample_settings(settings, overrides)
    if settings.hub is None:
        raise SettingsError(
            f"{config} has no `hub` module, and the contenders train a network on images with one; "
            "choose settings that have it, or measure a table by "
            "`python -m benchmarks.data --only tax`."
        )
    module = resolve(
        settings.hub.handle,
        sha256=settings.hub.sha256,
        max_megabytes=settings.hub.max_megabytes,
        allow_http=settings.hub.allow_http,
    )
    with _idx_file(dataset.folder, "train-labels-idx1-ubyte").open("rb") as file:
        [official] = IdxReader(file, file.name, dimensions=1).shape
    return Work(
        config=config.absolute(),
        overrides=overrides,
        settings=settings,
        data=dataset.folder.absolute(),
        source=dataset.source,
        module=module.path.absolute(),
        train_examples=official - settings.data.eval_examples,
    )


def _idx_file(folder: Path, name: str) -> Path:
    packed = folder / f"{name}.gz"
    return packed if packed.exists() else folder / name
