"""The real model, and servers that hold its mutants."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.components.serving_check.mutants.catalogue import MUTANTS
from tests.components.serving_check.mutants.real_model import train
from tests.components.serving_check.mutants.stand import Stand, stand
from tests.fashion_mnist import CHECK_OPTIONS
from tests.models.transform import write_transform_graph
from tests.once import once

Serve = Callable[[Sequence[str]], Stand]


@pytest.fixture(scope="session")
def real_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the Model artifact that the mutants are made of."""
    graph = once(tmp_path_factory, "transform_graph", write_transform_graph)
    return once(tmp_path_factory, "real", lambda folder: train(folder, str(graph))) / "model"


@pytest.fixture(scope="module")
def serve(real_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Has one server hold mutants; the one before is stopped when others are asked for."""
    with contextlib.ExitStack() as running:
        served: dict[tuple[str, ...], Stand] = {}

        def serve_mutants(names: Sequence[str]) -> Stand:
            key = tuple(names)
            if key not in served:
                running.pop_all().close()
                served.clear()
                folder = tmp_path_factory.mktemp("stand")
                made = {name: folder / "made" / name for name in ("the_real_one", *names)}
                for name, target in made.items():
                    MUTANTS[name].make(real_model, target)
                options = CHECK_OPTIONS.model_copy(update={"backend": "embedded"})
                cold = {name for name in names if MUTANTS[name].cold}
                served[key] = running.enter_context(stand(made, folder / "served", options, cold))
            return served[key]

        yield serve_mutants
