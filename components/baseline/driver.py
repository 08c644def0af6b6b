"""Brings the chosen version into the cache key, so that a cached baseline is never out of date."""

from __future__ import annotations

from tfx.dsl.components.base import base_driver
from tfx.orchestration import data_types_utils
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.baseline.choice import Choice, choose
from serving.base_path.content import content_digest
from serving.base_path.versions import (
    list_versions,
    provenance_of,
    undisturbed,
    version_digest,
)

LIVE_VERSION_KEY = "live_version"
LIVE_DIGEST_KEY = "live_digest"


def find_baseline(model_uri: str, base_path: str) -> Choice:
    """Chooses among the versions that are in the base path now.

    Args:
      model_uri: of the candidate's Model artifact.
      base_path: may be missing.

    Raises:
      BasePathError: the base path cannot be read.
    """
    digest = content_digest(path_utils.serving_model_path(model_uri))
    return undisturbed(lambda: _chosen(digest, base_path))


def _chosen(candidate: str, base_path: str) -> Choice:
    versions = {version.number: version for version in list_versions(base_path)}
    return choose(
        candidate,
        sorted(versions),
        lambda number: version_digest(versions[number]),
        provenance_of(versions[max(versions)].path) if versions else None,
    )


class Driver(base_driver.BaseDriver):
    """Adds the execution properties `live_version` (0: none) and `live_digest`."""

    def run(self, execution_info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        """Chooses; nothing is copied.

        Raises:
          BasePathError: the base path cannot be read.
        """
        choice = find_baseline(
            artifact_utils.get_single_uri(execution_info.input_dict["model"]),
            execution_info.exec_properties["base_path"],
        )
        output = driver_output_pb2.DriverOutput()
        for key, value in ((LIVE_VERSION_KEY, choice.version), (LIVE_DIGEST_KEY, choice.digest)):
            data_types_utils.set_metadata_value(output.exec_properties[key], value)
        return output
