"""ExampleGen's driver inside the container: open-source Kubeflow never runs the one TFX compiles.

Without it there is neither span nor fingerprint, and patterns keep their {SPAN}.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Mapping
from typing import Any

from tfx.components.example_gen import utils
from tfx.components.example_gen.driver import FileBasedDriver
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.artifact import CUSTOM_PROPERTIES_PREFIX

from pipeline.kubeflow.entry.decision import check_unchanged, taken

DECIDED = (
    utils.SPAN_PROPERTY_NAME,
    utils.VERSION_PROPERTY_NAME,
    utils.FINGERPRINT_PROPERTY_NAME,
)


def reads_files(parameters: Mapping[str, Any]) -> bool:
    """Whether these are the parameters of a file-based ExampleGen."""
    return {
        standard_component_specs.INPUT_BASE_KEY,
        standard_component_specs.INPUT_CONFIG_KEY,
    } <= set(parameters)


def driver_class(executor_class_path: str) -> type[FileBasedDriver]:
    """The class `Driver` in the module `driver` beside the executor's, or else TFX's own."""
    package = executor_class_path.rsplit(".", 2)[0]
    if importlib.util.find_spec(f"{package}.driver"):
        found = getattr(importlib.import_module(f"{package}.driver"), "Driver", None)
        if isinstance(found, type) and issubclass(found, FileBasedDriver):
            return found
    return FileBasedDriver


def drive(executor_class_path: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What the driver decides, as an ExecutorOutput: span, version, fingerprint, filled patterns.

    Args:
      parameters: the task's parameter values; they are not changed. What a driver in a task of its
        own decided before is among them, and is held.

    Raises:
      DataChangedError: the data is not what was decided on.
      SpanError: no span fits (components/example_gen/spans.py); other errors are the driver's.
    """
    decided = _decide(executor_class_path, parameters)
    before = taken(parameters)
    if before is not None:
        # With its patterns filled in, the driver looks at the same files and sees no span.
        check_unchanged(before, decided[utils.FINGERPRINT_PROPERTY_NAME])
        decided = before
    logging.getLogger(__name__).info("The input is %s.", decided)
    # Custom properties, as the driver makes them; the type has properties of some of these names.
    own = standard_artifacts.Examples.PROPERTIES or {}
    metadata = {
        (CUSTOM_PROPERTIES_PREFIX + key if key in own else key): decided[key]
        for key in DECIDED
        if key in decided
    }
    return {
        "parameterValues": decided,
        "artifacts": {
            standard_component_specs.EXAMPLES_KEY: {"artifacts": [{"metadata": metadata}]}
        },
    }


def _decide(executor_class_path: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    # The driver asks no metadata store and looks at nothing but the parameters.
    driver: Any = driver_class(executor_class_path)
    resolved = driver(metadata_handle=None).resolve_exec_properties(
        dict(parameters), pipeline_info=None, component_info=None
    )
    found = {key: resolved[key] for key in DECIDED if resolved.get(key) is not None}
    config = standard_component_specs.INPUT_CONFIG_KEY
    return {**found, config: resolved[config]}
