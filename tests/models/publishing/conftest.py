"""Versions in a base path, exported from networks that nobody trained, which is quick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import tensorflow as tf

from documents.features import Features
from documents.provenance import Provenance
from documents.writer import write
from models.declaration import Declaration
from models.description import describe
from models.export import export
from models.hub.module import Module
from models.network import Network
from models.transform_graph import TransformGraph
from tests import fashion_mnist
from tests.models.text_module import save_text_module

TEXTS = Declaration.model_validate(
    {
        "features": {
            "review": {"kind": "text"},
            "remark": {"kind": "text", "module": "/modules/words"},
            "stars": {"kind": "number"},
        },
        "label": {"name": "good", "kind": "classes", "values": ["no", "yes"]},
    }
)
WORDS = ("a good film", "a bad film", "good good fun", "no fun, but a film")


def write_version(
    folder: Path,
    declaration: Declaration,
    module: Module | None,
    graph: str,
    provenance: Provenance | None = None,
    modules: Mapping[str, Module] | None = None,
) -> Path:
    """Writes a version as Trainer and Pusher do, without training."""
    transform = TransformGraph(graph, declaration)
    network = Network(
        declaration,
        module,
        trainable=True,
        seed=3,
        sizes=transform.sizes,
        modules=modules,
    )
    for place, variable in enumerate(network.variables):
        # Weights that begin with nothing would look alike whatever was mixed up.
        variable.assign_add(tf.fill(variable.shape, 0.01 * (place % 7)))
    export(network, transform, declaration, str(folder))
    (folder / "assets.extra").mkdir(exist_ok=True)
    write(describe(declaration), str(folder / "assets.extra" / Features.FILE))
    if provenance:
        write(provenance, str(folder / Provenance.FILE))
    return folder


@pytest.fixture(scope="session")
def base_path(
    tmp_path_factory: pytest.TempPathFactory, module: Module, transform_graph: str
) -> Path:
    """Version 3 began as a module, version 4 with nothing."""
    base = tmp_path_factory.mktemp("serving") / "fashion_mnist"
    provenance = Provenance.model_validate_json(
        """{"model": "fashion_mnist", "version": 3, "run_id": "20261126T010203.000001",
        "data": {"source": "sample", "fingerprint": "3b54", "examples": {"train": 300, "eval": 60}},
        "hub": {"handle": "models/modules/x", "sha256": "abc", "trainable": true},
        "training": {"epochs": 4, "seed": 0}, "labels": ["Shirt", "Bag|Box"],
        "metrics": [{"metric": "SparseCategoricalAccuracy", "slice": "overall", "value": 0.93125}],
        "test_accuracy": 0.9211, "test_examples": 10000}"""
    )
    declaration = fashion_mnist.DECLARATION
    write_version(base / "3", declaration, module, transform_graph, provenance)
    write_version(base / "4", declaration, None, transform_graph)
    return base


@pytest.fixture(scope="session")
def text_base_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1 has a text of words, one with a module, and a number."""
    from tests.models.transform import write_transform_graph

    rows = [
        {"review": [text], "remark": [text], "stars": [float(number)], "good": number % 2}
        for number, text in enumerate(WORDS * 3)
    ]
    graph = write_transform_graph(tmp_path_factory.mktemp("texts"), TEXTS, rows)
    base = tmp_path_factory.mktemp("serving") / "reviews"
    words = save_text_module(tmp_path_factory.mktemp("texts") / "words")
    modules = {"remark": Module(words, str(words), "")}
    write_version(base / "1", TEXTS, None, graph, modules=modules)
    return base
