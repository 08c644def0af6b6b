"""Packages whose `__init__` imports far more than a step needs, imported without it.

`tfx.components` imports every component, and with it TFMA (nltk, scikit-learn), TFDV and all of
Beam's connectors, for whoever wants one of them. A step is a process of its own, so it would pay
for all of that each time: two to three CPU seconds of five.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import sys
import threading
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

_CONFIG = "tensorflow_model_analysis.proto.config_pb2"
POSTPONED: Mapping[str, Mapping[str, str]] = {
    "tfx.components": {},
    "tensorflow_data_validation": {
        # Types in the signatures of Transform and StatisticsGen.
        "StatsOptions": "tensorflow_data_validation.statistics.stats_options",
        "DatasetListView": "tensorflow_data_validation.utils.stats_util",
    },
    # TFMA 0.48 has these messages no more; the `__init__` of TFX 1.21's components puts them back.
    "tensorflow_model_analysis": dict.fromkeys(
        (
            *("EvalConfig", "ModelSpec", "SlicingSpec", "MetricsSpec", "MetricConfig"),
            *("MetricThreshold", "GenericValueThreshold", "GenericChangeThreshold"),
        ),
        _CONFIG,
    ),
    "tensorflow_model_analysis.sdk": {
        # tfx.types.standard_component_specs names this one message.
        "EvalConfig": _CONFIG
    },
    # Beam asks it whether it is what runs here, for each transform of a job.
    "IPython": {"get_ipython": "IPython.core.getipython"},
    # Widgets of notebooks.
    "tensorflow_model_analysis.view": {},
    # Beam imports its connectors to services of Google Cloud, which nobody here reads from.
    "google.cloud.bigquery": {},
    "google.cloud.bigquery_storage_v1": {},
    "google.cloud.pubsub": {},
}
"""By package: names of it that a module below it has, so that they cost only that module."""
UNUSED = (
    # google.cloud.bigquery does without: it imports IPython.
    "tqdm.notebook",
    # TensorFlow does without: for a cluster of Compute Engine's machines.
    "googleapiclient.discovery",
)
"""Optional modules, whose absence their importers handle in a step."""
KERAS = ("keras.src.optimizers", "tf_keras.src.optimizers")
"""TensorFlow imports one of them at its end, and by it the whole of a Keras and pandas, and does
without where it is not there. It is for models with Keras' optimizers inside; who reads or makes
a Keras model imports Keras."""


@contextlib.contextmanager
def for_good() -> Iterator[None]:
    """Inside, what is imported is there for good.

    The garbage collector would look through millions of objects again and again, and once more
    when the process ends: three of ten CPU seconds of a run in which nothing is to be done.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def postpone() -> None:
    """Has `import` of these packages run nothing of theirs; modules below them are found as usual.

    The first name that is asked of a package, and is no module below it, runs it after all. What is
    imported already stays as it is.
    """
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name, elsewhere in POSTPONED.items():
        if name not in sys.modules:
            _postpone(name, elsewhere)


def import_tensorflow() -> None:
    """Imports TensorFlow without Keras, which whoever needs it imports as usual afterwards."""
    if "tensorflow" in sys.modules:
        return
    absent = [name for name in KERAS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        importlib.import_module("tensorflow")
    finally:
        for name in absent:
            del sys.modules[name]


def _postpone(name: str, elsewhere: Mapping[str, str]) -> None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # Not even the package that it would be in is installed.
        return
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    module.__getattr__ = _Names(module, elsewhere)  # type: ignore[method-assign]
    sys.modules[name] = module
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own, module)


class _Names:
    """The `__getattr__` of a package that has not been run."""

    def __init__(self, module: ModuleType, elsewhere: Mapping[str, str]):
        self._module = module
        self._elsewhere = elsewhere
        self._lock = threading.RLock()
        self._running = False

    def __call__(self, name: str) -> Any:
        package = self._module.__name__
        if name in self._elsewhere:
            return getattr(importlib.import_module(self._elsewhere[name]), name)
        if name.startswith("__") and name not in ("__all__", "__version__"):
            # Python itself looks for these everywhere; for __all__ only where all is asked for.
            raise AttributeError(name)
        with self._lock:
            if name not in vars(self._module) and not self._running:
                self._run(name)
        if name in vars(self._module):
            return vars(self._module)[name]
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def _run(self, name: str) -> None:
        below = f"{self._module.__name__}.{name}"
        if hasattr(self._module, "__path__") and importlib.util.find_spec(below):
            importlib.import_module(below)
            return
        spec = self._module.__spec__
        assert spec is not None
        assert spec.loader is not None
        self._running = True
        # Names from elsewhere stay: TFX 1.21 looks whether they are there before it adds them.
        spec.loader.exec_module(self._module)
