"""Our nodes of the graph, a folder each: types, executor, and pure logic beside them."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Finds an artifact type by its short path; importing it at once would load TFX for everyone.

    Kubeflow's entry point imports a custom artifact type by its type name, which may have only one
    dot (tfx/orchestration/kubeflow/v2/compiler_utils.py, _SCHEMA_TITLE_RE).
    """
    if name == "ServingReport":
        from components.serving_check.component import ServingReport

        return ServingReport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
