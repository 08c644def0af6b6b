"""The fields of a compiled pipeline, by message: what a field is called and what it holds.

As in api/v2alpha1/pipeline_spec.proto of kubeflow/pipelines 2.17. Not read from the package
kfp-pipeline-spec: what kfp 2.5 locks knows fewer fields than the servers of today, and both lanes
must say the same. `.ci/newest_client.py` holds these tables against the newest packages.

A field is `text`, `bool`, `double`, `int32`, `int64`, `duration`, `struct`, `any`, one of ENUMS or
a message; `list` and `map` (with text as keys) stand before it, and `@name` behind those of which
one at most may be set. Two structs are named by what is in them: `deploymentSpec`, and the
`executors` of Kubernetes, the only platform.
"""

from __future__ import annotations

from collections.abc import Mapping

ENUMS: Mapping[str, tuple[str, ...]] = {
    "PrimitiveTypeEnum": ("PRIMITIVE_TYPE_UNSPECIFIED", "INT", "DOUBLE", "STRING"),
    "ParameterTypeEnum": (
        *("PARAMETER_TYPE_ENUM_UNSPECIFIED", "NUMBER_DOUBLE", "NUMBER_INTEGER", "STRING"),
        *("BOOLEAN", "LIST", "STRUCT", "TASK_FINAL_STATUS", "TASK_CONFIG"),
    ),
    "TriggerStrategy": (
        *("TRIGGER_STRATEGY_UNSPECIFIED", "ALL_UPSTREAM_TASKS_SUCCEEDED"),
        "ALL_UPSTREAM_TASKS_COMPLETED",
    ),
    "TaskConfigPassthroughTypeEnum": (
        *("NONE", "RESOURCES", "ENV", "KUBERNETES_AFFINITY", "KUBERNETES_TOLERATIONS"),
        *("KUBERNETES_NODE_SELECTOR", "KUBERNETES_VOLUMES"),
    ),
}
"""Names in the order of their numbers."""

PIPELINE_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "PipelineSpec": {
        "pipelineInfo": "PipelineInfo",
        "deploymentSpec": "PipelineDeploymentConfig",
        "sdkVersion": "text",
        "schemaVersion": "text",
        "components": "map ComponentSpec",
        "root": "ComponentSpec",
        "defaultPipelineRoot": "text",
    },
    "PipelineInfo": {"name": "text", "displayName": "text", "description": "text"},
    "ComponentSpec": {
        "inputDefinitions": "ComponentInputsSpec",
        "outputDefinitions": "ComponentOutputsSpec",
        "dag": "DagSpec @implementation",
        "executorLabel": "text @implementation",
        "singlePlatformSpecs": "list SinglePlatformSpec",
        "taskConfigPassthroughs": "list TaskConfigPassthrough",
    },
    "ComponentInputsSpec": {
        "artifacts": "map ComponentInputsSpec.ArtifactSpec",
        "parameters": "map ComponentInputsSpec.ParameterSpec",
    },
    "ComponentInputsSpec.ArtifactSpec": {
        "artifactType": "ArtifactTypeSchema",
        "isArtifactList": "bool",
        "isOptional": "bool",
        "description": "text",
    },
    "ArtifactTypeSchema": {
        "schemaTitle": "text @kind",
        "schemaUri": "text @kind",
        "instanceSchema": "text @kind",
        "schemaVersion": "text",
    },
    "ComponentInputsSpec.ParameterSpec": {
        "type": "PrimitiveTypeEnum",
        "parameterType": "ParameterTypeEnum",
        "defaultValue": "any",
        "isOptional": "bool",
        "description": "text",
        "literals": "list any",
    },
    "ComponentOutputsSpec": {
        "artifacts": "map ComponentOutputsSpec.ArtifactSpec",
        "parameters": "map ComponentOutputsSpec.ParameterSpec",
    },
    "ComponentOutputsSpec.ArtifactSpec": {
        "artifactType": "ArtifactTypeSchema",
        "properties": "map ValueOrRuntimeParameter",
        "customProperties": "map ValueOrRuntimeParameter",
        "metadata": "struct",
        "isArtifactList": "bool",
        "description": "text",
    },
    "ValueOrRuntimeParameter": {
        "constantValue": "Value @value",
        "runtimeParameter": "text @value",
        "constant": "any @value",
    },
    "Value": {
        "intValue": "int64 @value",
        "doubleValue": "double @value",
        "stringValue": "text @value",
    },
    "ComponentOutputsSpec.ParameterSpec": {
        "type": "PrimitiveTypeEnum",
        "parameterType": "ParameterTypeEnum",
        "description": "text",
    },
    "DagSpec": {"tasks": "map PipelineTaskSpec", "outputs": "DagOutputsSpec"},
    "PipelineTaskSpec": {
        "taskInfo": "PipelineTaskInfo",
        "inputs": "TaskInputsSpec",
        "dependentTasks": "list text",
        "cachingOptions": "PipelineTaskSpec.CachingOptions",
        "componentRef": "ComponentRef",
        "triggerPolicy": "PipelineTaskSpec.TriggerPolicy",
        "artifactIterator": "ArtifactIteratorSpec @iterator",
        "parameterIterator": "ParameterIteratorSpec @iterator",
        "retryPolicy": "PipelineTaskSpec.RetryPolicy",
        "iteratorPolicy": "PipelineTaskSpec.IteratorPolicy",
    },
    "PipelineTaskInfo": {"name": "text"},
    "TaskInputsSpec": {
        "parameters": "map InputParameterSpec",
        "artifacts": "map InputArtifactSpec",
    },
    "InputParameterSpec": {
        "taskOutputParameter": "TaskOutputParameter @kind",
        "runtimeValue": "ValueOrRuntimeParameter @kind",
        "componentInputParameter": "text @kind",
        "taskFinalStatus": "InputParameterSpec.TaskFinalStatus @kind",
        "parameterExpressionSelector": "text",
    },
    "TaskOutputParameter": {"producerTask": "text", "outputParameterKey": "text"},
    "InputParameterSpec.TaskFinalStatus": {"producerTask": "text"},
    "InputArtifactSpec": {
        "taskOutputArtifact": "InputArtifactSpec.TaskOutputArtifactSpec @kind",
        "componentInputArtifact": "text @kind",
    },
    "InputArtifactSpec.TaskOutputArtifactSpec": {
        "producerTask": "text",
        "outputArtifactKey": "text",
    },
    "PipelineTaskSpec.CachingOptions": {"enableCache": "bool", "cacheKey": "text"},
    "ComponentRef": {"name": "text"},
    "PipelineTaskSpec.TriggerPolicy": {"condition": "text", "strategy": "TriggerStrategy"},
    "ArtifactIteratorSpec": {"items": "ArtifactIteratorSpec.ItemsSpec", "itemInput": "text"},
    "ArtifactIteratorSpec.ItemsSpec": {"inputArtifact": "text"},
    "ParameterIteratorSpec": {"items": "ParameterIteratorSpec.ItemsSpec", "itemInput": "text"},
    "ParameterIteratorSpec.ItemsSpec": {"raw": "text @kind", "inputParameter": "text @kind"},
    "PipelineTaskSpec.RetryPolicy": {
        "maxRetryCount": "int32",
        "backoffDuration": "duration",
        "backoffFactor": "double",
        "backoffMaxDuration": "duration",
    },
    "PipelineTaskSpec.IteratorPolicy": {"parallelismLimit": "int32"},
    "DagOutputsSpec": {
        "artifacts": "map DagOutputsSpec.DagOutputArtifactSpec",
        "parameters": "map DagOutputsSpec.DagOutputParameterSpec",
    },
    "DagOutputsSpec.DagOutputArtifactSpec": {
        "artifactSelectors": "list DagOutputsSpec.ArtifactSelectorSpec",
    },
    "DagOutputsSpec.ArtifactSelectorSpec": {"producerSubtask": "text", "outputArtifactKey": "text"},
    "DagOutputsSpec.DagOutputParameterSpec": {
        "valueFromParameter": "DagOutputsSpec.ParameterSelectorSpec @kind",
        "valueFromOneof": "DagOutputsSpec.ParameterSelectorsSpec @kind",
    },
    "DagOutputsSpec.ParameterSelectorSpec": {
        "producerSubtask": "text",
        "outputParameterKey": "text",
    },
    "DagOutputsSpec.ParameterSelectorsSpec": {
        "parameterSelectors": "list DagOutputsSpec.ParameterSelectorSpec",
    },
    "SinglePlatformSpec": {
        "deploymentSpec": "PlatformDeploymentConfig",
        "platform": "text",
        "config": "struct",
        "pipelineConfig": "PipelineConfig",
    },
    "PlatformDeploymentConfig": {"executors": "map KubernetesExecutorConfig"},
    "PipelineConfig": {
        "resourceTtlOnCompletion": "int32",
        "workspace": "WorkspaceConfig",
        "resourceTtlOnSuccess": "int32",
        "resourceTtlOnFailure": "int32",
        "activeDeadlineSeconds": "int32",
    },
    "WorkspaceConfig": {"size": "text", "kubernetes": "KubernetesWorkspaceConfig"},
    "KubernetesWorkspaceConfig": {"pvcSpecPatch": "struct"},
    "TaskConfigPassthrough": {"field": "TaskConfigPassthroughTypeEnum", "applyToTask": "bool"},
    "PipelineDeploymentConfig": {"executors": "map ExecutorSpec"},
    "ExecutorSpec": {
        "container": "ContainerSpec @spec",
        "importer": "ImporterSpec @spec",
        "resolver": "ResolverSpec @spec",
        "customJob": "AIPlatformCustomJobSpec @spec",
    },
    "ContainerSpec": {
        "image": "text",
        "command": "list text",
        "args": "list text",
        "lifecycle": "ContainerSpec.Lifecycle",
        "resources": "ContainerSpec.ResourceSpec",
        "env": "list ContainerSpec.EnvVar",
    },
    "ContainerSpec.Lifecycle": {
        "preCacheCheck": "ContainerSpec.Lifecycle.Exec",
    },
    "ContainerSpec.Lifecycle.Exec": {
        "command": "list text",
        "args": "list text",
    },
    "ContainerSpec.ResourceSpec": {
        "cpuLimit": "double",
        "memoryLimit": "double",
        "cpuRequest": "double",
        "memoryRequest": "double",
        "resourceCpuLimit": "text",
        "resourceMemoryLimit": "text",
        "resourceCpuRequest": "text",
        "resourceMemoryRequest": "text",
        "accelerator": "ContainerSpec.ResourceSpec.AcceleratorConfig",
    },
    "ContainerSpec.ResourceSpec.AcceleratorConfig": {
        "type": "text",
        "count": "int64",
        "resourceType": "text",
        "resourceCount": "text",
    },
    "ContainerSpec.EnvVar": {"name": "text", "value": "text"},
    "ImporterSpec": {
        "artifactUri": "ValueOrRuntimeParameter",
        "typeSchema": "ArtifactTypeSchema",
        "properties": "map ValueOrRuntimeParameter",
        "customProperties": "map ValueOrRuntimeParameter",
        "reimport": "bool",
        "metadata": "struct",
        "downloadToWorkspace": "bool",
    },
    "ResolverSpec": {
        "outputArtifactQueries": "map ResolverSpec.ArtifactQuerySpec",
    },
    "ResolverSpec.ArtifactQuerySpec": {"filter": "text", "limit": "int32"},
    "AIPlatformCustomJobSpec": {"customJob": "struct"},
    "PlatformSpec": {"platforms": "Platforms"},
    "Platforms": {"kubernetes": "SinglePlatformSpec"},
}
