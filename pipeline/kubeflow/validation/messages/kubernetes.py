"""The fields of what Kubernetes is told about one executor, by message.

As in kubernetes_platform/proto/kubernetes_executor_config.proto of kubeflow/pipelines 2.17; read as
the tables in pipeline_messages.
"""

from __future__ import annotations

from collections.abc import Mapping

KUBERNETES_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "KubernetesExecutorConfig": {
        "secretAsVolume": "list SecretAsVolume",
        "secretAsEnv": "list SecretAsEnv",
        "pvcMount": "list PvcMount",
        "nodeSelector": "NodeSelector",
        "podMetadata": "PodMetadata",
        "imagePullSecret": "list ImagePullSecret",
        "imagePullPolicy": "text",
        "configMapAsVolume": "list ConfigMapAsVolume",
        "configMapAsEnv": "list ConfigMapAsEnv",
        "activeDeadlineSeconds": "int64",
        "fieldPathAsEnv": "list FieldPathAsEnv",
        "tolerations": "list Toleration",
        "genericEphemeralVolume": "list GenericEphemeralVolume",
        "nodeAffinity": "list NodeAffinityTerm",
        "podAffinity": "list PodAffinityTerm",
        "enabledSharedMemory": "EnabledSharedMemory",
        "emptyDirMounts": "list EmptyDirMount",
        "securityContext": "SecurityContext",
    },
    "SecretAsVolume": {
        "secretName": "text",
        "mountPath": "text",
        "optional": "bool",
        "secretNameParameter": "InputParameterSpec",
    },
    "SecretAsEnv": {
        "secretName": "text",
        "keyToEnv": "list SecretAsEnv.SecretKeyToEnvMap",
        "optional": "bool",
        "secretNameParameter": "InputParameterSpec",
    },
    "SecretAsEnv.SecretKeyToEnvMap": {"secretKey": "text", "envVar": "text"},
    "PvcMount": {
        "taskOutputParameter": "TaskOutputParameter @pvc_reference",
        "constant": "text @pvc_reference",
        "componentInputParameter": "text @pvc_reference",
        "mountPath": "text",
        "pvcNameParameter": "InputParameterSpec",
        "subPath": "text",
    },
    "NodeSelector": {"labels": "map text", "nodeSelectorJson": "InputParameterSpec"},
    "PodMetadata": {"labels": "map text", "annotations": "map text"},
    "ImagePullSecret": {
        "secretName": "text",
        "secretNameParameter": "InputParameterSpec",
    },
    "ConfigMapAsVolume": {
        "configMapName": "text",
        "mountPath": "text",
        "optional": "bool",
        "configMapNameParameter": "InputParameterSpec",
    },
    "ConfigMapAsEnv": {
        "configMapName": "text",
        "keyToEnv": "list ConfigMapAsEnv.ConfigMapKeyToEnvMap",
        "configMapNameParameter": "InputParameterSpec",
        "optional": "bool",
    },
    "ConfigMapAsEnv.ConfigMapKeyToEnvMap": {"configMapKey": "text", "envVar": "text"},
    "FieldPathAsEnv": {"name": "text", "fieldPath": "text"},
    "Toleration": {
        "key": "text",
        "operator": "text",
        "value": "text",
        "effect": "text",
        "tolerationSeconds": "int64",
        "tolerationJson": "InputParameterSpec",
    },
    "GenericEphemeralVolume": {
        "volumeName": "text",
        "mountPath": "text",
        "accessModes": "list text",
        "size": "text",
        "defaultStorageClass": "bool",
        "storageClassName": "text",
        "metadata": "PodMetadata",
    },
    "NodeAffinityTerm": {
        "matchExpressions": "list SelectorRequirement",
        "matchFields": "list SelectorRequirement",
        "weight": "int32",
        "nodeAffinityJson": "InputParameterSpec",
    },
    "SelectorRequirement": {"key": "text", "operator": "text", "values": "list text"},
    "PodAffinityTerm": {
        "matchPodExpressions": "list SelectorRequirement",
        "matchPodLabels": "map text",
        "topologyKey": "text",
        "namespaces": "list text",
        "matchNamespaceExpressions": "list SelectorRequirement",
        "matchNamespaceLabels": "map text",
        "weight": "int32",
        "anti": "bool",
    },
    "EnabledSharedMemory": {"volumeName": "text", "size": "text"},
    "EmptyDirMount": {
        "volumeName": "text",
        "mountPath": "text",
        "medium": "text",
        "sizeLimit": "text",
    },
    "SecurityContext": {"runAsUser": "int64", "runAsGroup": "int64", "runAsNonRoot": "bool"},
}
