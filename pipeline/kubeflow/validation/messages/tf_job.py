"""The fields of a TFJob that this project writes, as custom_job.py tells those of a custom job.

As in pkg/apis/kubeflow.org/v1 of kubeflow/training-operator 1.9, and core/v1 of Kubernetes, which
drops a field that it does not know without a word.
A backoffLimit is none of them: see docs/decisions/training_job.md.
"""

from __future__ import annotations

from collections.abc import Mapping

TF_JOB_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "TFJob": {
        "apiVersion": "text",
        "kind": "text",
        "metadata": "TFJob.Metadata",
        "spec": "TFJob.Spec",
    },
    "TFJob.Metadata": {
        "name": "text",
        "namespace": "text",
        "uid": "text",
        "labels": "map text",
        "annotations": "map text",
        "ownerReferences": "list TFJob.OwnerReference",
    },
    "TFJob.OwnerReference": {"apiVersion": "text", "kind": "text", "name": "text", "uid": "text"},
    "TFJob.Spec": {"runPolicy": "TFJob.RunPolicy", "tfReplicaSpecs": "map TFJob.ReplicaSpec"},
    "TFJob.RunPolicy": {
        "cleanPodPolicy": "text",
        "ttlSecondsAfterFinished": "int32",
        "activeDeadlineSeconds": "int64",
    },
    "TFJob.ReplicaSpec": {
        "replicas": "int32",
        "restartPolicy": "text",
        "template": "TFJob.PodTemplate",
    },
    "TFJob.PodTemplate": {"metadata": "TFJob.Metadata", "spec": "TFJob.PodSpec"},
    "TFJob.PodSpec": {
        "containers": "list TFJob.Container",
        "volumes": "list TFJob.Volume",
        "serviceAccountName": "text",
        "imagePullSecrets": "list TFJob.Named",
        "nodeSelector": "map text",
        "tolerations": "list TFJob.Toleration",
    },
    "TFJob.Container": {
        "name": "text",
        "image": "text",
        "command": "list text",
        "env": "list TFJob.Variable",
        "resources": "TFJob.Resources",
        "volumeMounts": "list TFJob.Mount",
        "securityContext": "TFJob.SecurityContext",
        "terminationMessagePath": "text",
        "terminationMessagePolicy": "text",
    },
    "TFJob.Variable": {"name": "text", "value": "text", "valueFrom": "TFJob.Source"},
    "TFJob.Source": {"secretKeyRef": "TFJob.SecretKey"},
    "TFJob.SecretKey": {"name": "text", "key": "text"},
    "TFJob.Resources": {"requests": "map text", "limits": "map text"},
    "TFJob.Mount": {"name": "text", "mountPath": "text"},
    "TFJob.SecurityContext": {
        "allowPrivilegeEscalation": "bool",
        "capabilities": "TFJob.Capabilities",
        "runAsNonRoot": "bool",
        "runAsUser": "int64",
        "runAsGroup": "int64",
        "seccompProfile": "TFJob.SeccompProfile",
    },
    "TFJob.Capabilities": {"drop": "list text"},
    "TFJob.SeccompProfile": {"type": "text"},
    "TFJob.Volume": {
        "name": "text",
        "emptyDir": "struct",
        "secret": "TFJob.SecretVolume",
        "persistentVolumeClaim": "TFJob.Claim",
    },
    "TFJob.SecretVolume": {"secretName": "text"},
    "TFJob.Claim": {"claimName": "text"},
    "TFJob.Named": {"name": "text"},
    "TFJob.Toleration": {"key": "text", "operator": "text", "value": "text", "effect": "text"},
}
