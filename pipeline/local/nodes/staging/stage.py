"""Has an executor work on local copies where it, or TensorFlow, does not reach its artifacts."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attr
from ml_metadata.proto import metadata_store_pb2
from tfx import types
from tfx.orchestration.portable import data_types, outputs_utils
from tfx.proto.orchestration import driver_output_pb2, execution_result_pb2

from components.kept_at import KEPT_AT
from pipeline.files.local_paths import LocalPaths
from pipeline.files.paths import is_staged
from pipeline.local.nodes.contents import PROPERTY
from pipeline.local.nodes.staging import filesystem  # noqa: F401 - TFX's launcher makes and removes folders
from pipeline.local.nodes.staging.copies import Copies
from serving.base_path.storage import is_remote

ON_PATHS = ("Variants",)
"""Nodes that hand artifacts to programs which open files by path; no address will do for them."""

Artifacts = Mapping[str, Sequence[types.Artifact]]
Execute = Callable[[data_types.ExecutionInfo], execution_result_pb2.ExecutorOutput]
"""Runs one executor."""
Drive = Callable[[data_types.ExecutionInfo], driver_output_pb2.DriverOutput]
"""Runs one driver."""


class Stage:
    """Between TFX's launcher, which knows of addresses only, and executors, which see paths."""

    def __init__(self, copies: Copies) -> None:
        """Sends nothing yet."""
        self._copies = copies

    def copy_of(self, uri: str) -> str | None:
        """The copy of an output that an executor has just written; None where it wrote to `uri`."""
        return self._copies.path(uri) if is_staged(uri) else None

    def run(
        self, execute: Execute, info: data_types.ExecutionInfo
    ) -> execution_result_pb2.ExecutorOutput:
        """What the executor returns; what it wrote is in the store then.

        Inputs are fetched where there is no copy of them. What has no address of that kind is as
        it was.

        Raises:
          pipeline.local.nodes.staging.transfer.TransferError: the store does not give or take
            files.
          pipeline.local.nodes.contents.DamagedArtifactError: it gives others than were written.
          OSError: this machine cannot hold them.
          Exception: whatever the executor raises.
        """
        needs = _needs_copies(info)
        made = [artifact.uri for artifact in _staged(info.output_dict, needs)]
        if not made and not [*_staged(info.input_dict, needs)]:
            return execute(info)
        with self._copies.working_folder() as working:
            try:
                staged, paths = self._lent(info, working, needs)
                output = execute(staged)
                if output.execution_result.code == 0:
                    for uri in made:
                        self._copies.store(uri)
            except BaseException:
                for uri in made:
                    self._copies.drop(uri)
                raise
        return _addressed(output, paths)

    def drive(self, drive: Drive, info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        """What the driver decides, who reads copies of its inputs where they are at hand.

        Nothing is fetched for it: of what the cache answers for it reads a part, if anything.
        """
        inputs = copy.deepcopy(info.input_dict)
        paths = {}
        for artifact in _staged(inputs):
            recorded = artifact.get_string_custom_property(PROPERTY)
            if path := self._copies.at_hand(artifact.uri, recorded):
                paths[artifact.uri] = path
        local = LocalPaths(paths)
        _lend(inputs, local)
        output = drive(attr.evolve(info, input_dict=inputs))
        for value in output.exec_properties.values():
            _map_value(value, local.to_remote)
        return output

    def keep(self, outputs: Iterable[Artifacts]) -> None:
        """Removes copies that are none of these artifacts."""
        self._copies.keep({artifact.uri for made in outputs for artifact in _staged(made)})

    def _lent(
        self, info: data_types.ExecutionInfo, working: str, needs: Callable[[str], bool]
    ) -> tuple[data_types.ExecutionInfo, LocalPaths]:
        inputs, outputs = copy.deepcopy(info.input_dict), copy.deepcopy(info.output_dict)
        paths: dict[str, str] = {}
        for artifact in _staged(inputs, needs):
            recorded = artifact.get_string_custom_property(PROPERTY)
            paths[artifact.uri] = self._copies.get(artifact.uri, recorded)
        for artifact in _staged(outputs, needs):
            paths[artifact.uri] = self._copies.make(artifact.uri)
        local = LocalPaths(paths)
        for artifact in _all(outputs):
            _map(artifact.mlmd_artifact, local.to_local)
        _lend(inputs, local)
        outputs_utils.make_output_dirs(outputs)
        staged = attr.evolve(
            info,
            input_dict=inputs,
            output_dict=outputs,
            exec_properties=local.to_local(info.exec_properties),
            execution_output_uri=os.path.join(working, "executor_output.pb"),
            stateful_working_dir=_folder(working, "stateful"),
            # As TFX has it, with a slash at the end.
            tmp_dir=os.path.join(_folder(working, "temporary"), ""),
        )
        return staged, local


def _all(artifacts: Artifacts) -> Iterator[types.Artifact]:
    return (artifact for listed in artifacts.values() for artifact in listed)


def _needs_copies(info: data_types.ExecutionInfo) -> Callable[[str], bool]:
    """Tells of an address whether the node of an execution can use it only as a path."""
    node = info.pipeline_node
    return is_remote if node and node.node_info.id in ON_PATHS else is_staged


def _staged(
    artifacts: Artifacts, needs: Callable[[str], bool] = is_staged
) -> Iterator[types.Artifact]:
    return (artifact for artifact in _all(artifacts) if needs(artifact.uri))


def _lend(inputs: Artifacts, local: LocalPaths) -> None:
    """Gives inputs their paths; where each is kept stays with it."""
    for artifact in _all(inputs):
        uri = artifact.uri
        _map(artifact.mlmd_artifact, local.to_local)
        if artifact.uri != uri:
            artifact.set_string_custom_property(KEPT_AT, uri)


def _folder(parent: str, name: str) -> str:
    path = os.path.join(parent, name)
    os.mkdir(path)
    return path


def _addressed(
    output: execution_result_pb2.ExecutorOutput, paths: LocalPaths
) -> execution_result_pb2.ExecutorOutput:
    """The same with addresses instead of paths."""
    for listed in output.output_artifacts.values():
        for artifact in listed.artifacts:
            _map(artifact, paths.to_remote)
    for value in output.execution_properties.values():
        _map_value(value, paths.to_remote)
    return output


def _map(artifact: metadata_store_pb2.Artifact, mapped: Callable[[Any], Any]) -> None:
    artifact.uri = mapped(artifact.uri)
    for values in (artifact.properties, artifact.custom_properties):
        for value in values.values():
            _map_value(value, mapped)


def _map_value(value: metadata_store_pb2.Value, mapped: Callable[[Any], Any]) -> None:
    if value.WhichOneof("value") == "string_value":
        value.string_value = mapped(value.string_value)
