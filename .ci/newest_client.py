"""Does the newest client take what is compiled today, and are our tables of fields still whole?

Run it in an environment with the newest kfp, kfp-kubernetes and kfp-pipeline-spec:
`python .ci/newest_client.py COMPILED.yaml`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import kfp
import yaml
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from kfp import kubernetes
from kfp.kubernetes import kubernetes_executor_config_pb2
from kfp.pipeline_spec import pipeline_spec_pb2
from told import told

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from pipeline.kubeflow.validation.messages.kubernetes import KUBERNETES_MESSAGES
from pipeline.kubeflow.validation.messages.pipeline import ENUMS, PIPELINE_MESSAGES

SCALARS = {
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
}
GOOGLES = {"Duration": "duration", "Struct": "struct", "Value": "any"}
TABLES = {**PIPELINE_MESSAGES, **KUBERNETES_MESSAGES}
MEANT = {
    ("PipelineSpec", "deploymentSpec"): "PipelineDeploymentConfig",
    ("PlatformSpec", "platforms"): "Platforms",
    ("PlatformDeploymentConfig", "executors"): "map KubernetesExecutorConfig",
}
"""What we know about the content of structs, and of the only platform."""


def main(file: Path) -> int:
    """0 when everything holds; else what does not is printed."""
    component = kfp.components.load_component_from_file(str(file))
    print(f"kfp {kfp.__version__} and {kubernetes.__name__} load {component.name}")
    documents = [document for document in yaml.safe_load_all(file.read_text()) if document]
    json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())
    deployment = pipeline_spec_pb2.PipelineDeploymentConfig()
    json_format.ParseDict(documents[0]["deploymentSpec"], deployment)
    for platform in documents[1:]:
        read = json_format.ParseDict(platform, pipeline_spec_pb2.PlatformSpec())
        for settings in read.platforms["kubernetes"].deployment_spec.executors.values():
            json_format.ParseDict(
                json_format.MessageToDict(settings),
                kubernetes_executor_config_pb2.KubernetesExecutorConfig(),
            )
    differences = [
        *_differences(pipeline_spec_pb2.PipelineSpec.DESCRIPTOR),
        *_differences(pipeline_spec_pb2.PipelineDeploymentConfig.DESCRIPTOR),
        *_differences(pipeline_spec_pb2.PlatformSpec.DESCRIPTOR),
        *_differences(kubernetes_executor_config_pb2.KubernetesExecutorConfig.DESCRIPTOR),
    ]
    return told(
        sorted(set(differences)),
        "pipeline/kubeflow/validation/messages/",
        "our tables of fields are the newest client's",
    )


def _differences(descriptor: Descriptor, seen: set[str] | None = None) -> list[str]:
    seen = set() if seen is None else seen
    name = _name(descriptor)
    if name in seen:
        return []
    seen.add(name)
    found = []
    ours = TABLES.get(name, {})
    theirs = {field.json_name: _kind(field) for field in descriptor.fields}
    for field in sorted(set(ours) | set(theirs)):
        wanted = MEANT.get((name, field), theirs.get(field))
        if ours.get(field) != wanted:
            found.append(f"{name}.{field}: we have {ours.get(field)}, the newest is {wanted}")
    for field in descriptor.fields:
        message = field.message_type
        if message is not None and message.GetOptions().map_entry:
            message = message.fields_by_name["value"].message_type
        if message is not None and not message.full_name.startswith("google."):
            found += _differences(message, seen)
        if field.enum_type is not None:
            names = tuple(value.name for value in field.enum_type.values)
            if ENUMS.get(field.enum_type.name) != names:
                found.append(f"{field.enum_type.name}: the newest is {names}")
    return found


def _kind(field: FieldDescriptor) -> str:
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        return f"map {_kind(message.fields_by_name['value'])}"
    if message is None:
        kind = field.enum_type.name if field.enum_type else SCALARS[field.type]
    elif message.full_name.startswith("google."):
        kind = GOOGLES[message.name]
    else:
        kind = _name(message)
    repeated = getattr(field, "is_repeated", None)
    if repeated is None:
        repeated = field.label == FieldDescriptor.LABEL_REPEATED
    one_of = field.containing_oneof
    only = f" @{one_of.name}" if one_of is not None and not one_of.name.startswith("_") else ""
    return f"{'list ' if repeated else ''}{kind}{only}"


def _name(descriptor: Descriptor) -> str:
    """Without the package, and without the messages around it that say nothing more."""
    name = descriptor.full_name.partition(".")[2]
    for around, short in (
        ("PipelineDeploymentConfig.PipelineContainerSpec", "ContainerSpec"),
        ("PipelineDeploymentConfig.", ""),
        ("TaskInputsSpec.Input", "Input"),
        ("InputParameterSpec.TaskOutputParameterSpec", "TaskOutputParameter"),
    ):
        name = name.replace(around, short, 1)
    return name


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
