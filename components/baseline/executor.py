"""Copies the baseline out of the base path."""

from __future__ import annotations

import itertools
import logging
import os
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.baseline.choice import NONE, Choice
from components.baseline.driver import LIVE_DIGEST_KEY, LIVE_VERSION_KEY, find_baseline
from components.baseline.rescaled import rescaled
from components.baseline.rewritten import rewritten
from components.baseline.soundness import UnsoundError, problem_of, unsound
from documents.features import Features
from documents.saved_model import EXTRA
from serving.base_path import storage
from serving.base_path.content import content_digest
from serving.base_path.versions import Version, list_versions

Artifacts = dict[str, list[types.Artifact]]
_TELLERS = {
    rewritten: "to a model that is another one: write it alike if it is the same",
    rescaled: "if that is another unit, write it alike: nobody who asks is told",
}
"""By what finds columns whose cells mean something else than they did: what to do about one."""
_TOLD = 5
"""Columns that each of them tells of."""


class BaselineError(RuntimeError):
    """The version chosen as baseline was withdrawn or replaced before it could be copied."""


class Executor(base_executor.BaseExecutor):
    """Makes a Model artifact of the version that the driver chose."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Copies the chosen version into `Format-Serving/`, or leaves the output empty.

        The copy has the version's provenance, too; content digests pass over it.

        Args:
          input_dict: `model`, the candidate.
          output_dict: `baseline`; gets the custom properties `version` (int) and `digest`.
          exec_properties: `base_path`, and the driver's `live_version` and `live_digest`.

        Raises:
          BasePathError: the base path cannot be read.
          BaselineError: the version has gone or changed meanwhile.
          UnsoundError: no model can be compared with it.
        """
        base = exec_properties["base_path"]
        if LIVE_VERSION_KEY in exec_properties:
            choice = Choice(exec_properties[LIVE_VERSION_KEY], exec_properties[LIVE_DIGEST_KEY])
        else:
            # Kubeflow Pipelines does not run the drivers of custom components.
            choice = find_baseline(artifact_utils.get_single_uri(input_dict["model"]), base)
        if choice == NONE:
            return
        baseline = artifact_utils.get_single_instance(output_dict["baseline"])
        if not _copy(base, choice, path_utils.serving_model_dir(baseline.uri)):
            raise BaselineError(
                f"Version {choice.version} in base path {base} was withdrawn or replaced while "
                "this run was about to compare with it; run again."
            )
        # Of the copy: what it was made from may be in an object store.
        problem = problem_of(Version(choice.version, path_utils.serving_model_dir(baseline.uri)))
        if problem:
            raise UnsoundError(unsound(base, choice.version, problem, len(list_versions(base))))
        _warn(baseline.uri, artifact_utils.get_single_uri(input_dict["model"]), choice.version)
        baseline.set_int_custom_property("version", choice.version)
        baseline.set_string_custom_property("digest", choice.digest)


def _warn(baseline: str, model: str, version: int) -> None:
    """Tells of columns whose cells the candidate knows in another writing or unit."""
    copied = path_utils.serving_model_dir(baseline)
    live = storage.read_document(Features, os.path.join(copied, EXTRA, Features.FILE))
    candidate = storage.read_document(Features, os.path.join(model, Features.FILE))
    if live is None or candidate is None:
        return
    for find, advice in _TELLERS.items():
        for told in itertools.islice(find(live, candidate), _TOLD):
            logging.getLogger("progress").warning(
                "%s where version %d learned; %s", told, version, advice
            )


def _copy(base: str, choice: Choice, target: str) -> bool:
    """Copies the chosen version; false when it is gone or is another one."""
    for version in list_versions(base):
        if version.number == choice.version:
            try:
                storage.copy(version.path, storage.files(version.path), target)
            except FileNotFoundError:
                return False
            return content_digest(target) == choice.digest
    return False
