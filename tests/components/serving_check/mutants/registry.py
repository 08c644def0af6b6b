"""Every mutant by name: what is wrong with it for a client, and the check that must say so."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.components.serving_check.mutants.surgery import Surgery

MODEL = "Format-Serving"
RECORD = "training.json"
"""It has the digests of the real one."""

Maker = Callable[[Surgery], object]


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A model that is made of the real one."""

    name: str
    says: str
    """What a client would notice; of a right one, what looks odd about it."""
    row: str | None
    """Name of the row that must fail; None for a right model, which must pass."""
    maker: Maker
    harmful: bool = False
    """Whether it kills its server, or keeps it from answering others."""

    @property
    def cold(self) -> bool:
        """Whether it can be judged without replaying its warm-up file while it is loaded."""
        return self.row not in (None, "loads")

    def make(self, model: Path, out: Path) -> None:
        """Writes the mutant of the Model artifact's folder `model` to the new folder `out`."""
        out.mkdir(parents=True)
        for beside in model.iterdir():
            if beside.name not in (MODEL, RECORD):
                copy = shutil.copytree if beside.is_dir() else shutil.copy
                copy(str(beside), str(out / beside.name))
        surgery = Surgery(model / MODEL, out / MODEL)
        self.maker(surgery)
        surgery.save()


MUTANTS: dict[str, Mutant] = {}


def wrong(row: str, says: str, *, harmful: bool = False) -> Callable[[Maker], Maker]:
    """Registers a maker of a wrong model under the function's name."""
    return _registered(row, says, harmful)


def right(says: str) -> Callable[[Maker], Maker]:
    """Registers a maker of a right model that looks odd."""
    return _registered(None, says)


def _registered(row: str | None, says: str, harmful: bool = False) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        name = maker.__name__
        assert name not in MUTANTS, f"two mutants are called {name}"
        MUTANTS[name] = Mutant(name, says, row, maker, harmful)
        return maker

    return register
