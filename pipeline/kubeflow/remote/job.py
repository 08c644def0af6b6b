"""What is submitted: a compiled file, and what it is to run with."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from google.protobuf import json_format

from documents.settings.section import short
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.validation.documents import Documents


@dataclasses.dataclass(frozen=True)
class Job:
    """A compiled file that was validated, and what differs from run to run."""

    file: Path
    documents: Documents
    name: str
    parameters: Mapping[str, Any]
    pipeline_root: str | None
    """Of the artifacts; no server reads the one in the file, so it is given with each run."""
    experiment: str = "Default"
    service_account: str | None = None

    def sent_to_kfp(self) -> dict[str, Any]:
        """The file as kfp's client sends it: one message, or two with Kubernetes' settings.

        Raises:
          RemoteError: it is not what was validated any more.
        """
        from kfp.pipeline_spec import pipeline_spec_pb2  # Half a second, for submitting only.

        spec, platform = pipeline_spec_pb2.PipelineSpec(), pipeline_spec_pb2.PlatformSpec()
        try:
            for document in yaml.safe_load_all(self.file.read_bytes()):
                if isinstance(document, Mapping):
                    message = spec if "root" in document else platform
                    json_format.ParseDict(document, message)
        except (OSError, yaml.YAMLError, json_format.ParseError) as error:
            raise RemoteError(
                f"{self.file} is no pipeline that kfp's client could send: {short(error, 200)}; "
                "compile it again."
            ) from error
        made: dict[str, Any] = json_format.MessageToDict(spec)
        if platform == pipeline_spec_pb2.PlatformSpec():
            return made
        return {"pipeline_spec": made, "platform_spec": json_format.MessageToDict(platform)}
