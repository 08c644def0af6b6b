"""Searches through the user's tuner_fn, and writes what was found for programs and for people."""

from __future__ import annotations

from typing import Any

from tfx import types
from tfx.components.tuner import executor
from tfx.types import artifact_utils, standard_component_specs

from components.tuner.page import render
from documents.tuning import Tuning
from serving.base_path import storage

Artifacts = dict[str, list[types.Artifact]]


class Executor(executor.Executor):
    """The standard executor; `tuning.json` and its page lie beside `tuner_results.json`."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Outputs as the standard Tuner, whose best hyperparameters are those that are proposed."""
        tuner: Any = executor.search(
            input_dict, exec_properties, self._get_tmp_dir(), print_tuning_summary=False
        )
        executor.write_best_hyperparameters(tuner, output_dict)
        found: Tuning = tuner.study.document()
        [results] = output_dict[standard_component_specs.TUNER_RESULTS_KEY]
        folder = artifact_utils.get_single_uri([results])
        storage.write_document(found, f"{folder}/{Tuning.FILE}")
        storage.replace(f"{folder}/{Tuning.PAGE}", render(found).encode())
        results.set_string_custom_property("headline", found.headline)
        results.set_int_custom_property("trials", len(found.trials))
