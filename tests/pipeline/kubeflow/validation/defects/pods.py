"""What pods ask of a cluster."""

from __future__ import annotations

from tests.pipeline.kubeflow.validation.defects.compiled import (
    Defects,
    affinity,
    moved,
    pod,
    toleration,
)

DEFECTS: Defects = {
    # Pods
    "settings for nobody": (
        lambda f: moved(f.pods(), "Trainer_executor", f.pods(), "Tuner_executor"),
        "platform",
    ),
    "settings that are dropped": (pod(podAffinity=[{"topologyKey": "zone"}]), "platform"),
    "claim with an underscore": (
        lambda f: f.pod()["pvcMount"][0].update(constant="my_models"),
        "volumes",
    ),
    "no claim": (lambda f: f.pod()["pvcMount"][0].pop("constant"), "volumes"),
    "empty claim": (lambda f: f.pod()["pvcMount"][0].update(constant=""), "volumes"),
    "claim of an unknown parameter": (
        lambda f: f.pod().update(
            pvcMount=[{"componentInputParameter": "claim", "mountPath": "/mnt/models"}]
        ),
        "volumes",
    ),
    "secret with capitals": (
        lambda f: f.pod()["secretAsVolume"][0].update(secretName="Key"),
        "volumes",
    ),
    "no path": (lambda f: f.pod()["pvcMount"][0].pop("mountPath"), "mount-paths"),
    "relative path": (lambda f: f.pod()["pvcMount"][0].update(mountPath="models"), "mount-paths"),
    "path of Kubeflow": (lambda f: f.pod()["pvcMount"][0].update(mountPath="/gcs"), "mount-paths"),
    "path twice": (lambda f: f.pod()["pvcMount"][0].update(mountPath="/keys/"), "mount-paths"),
    "path out of the volume": (
        lambda f: f.pod()["pvcMount"][0].update(subPath="../other"),
        "mount-paths",
    ),
    "claim called as a secret": (
        lambda f: f.pod()["pvcMount"][0].update(constant="key"),
        "volume-names",
    ),
    "folder of no size": (
        pod(emptyDirMounts=[{"volumeName": "a", "mountPath": "/a", "sizeLimit": "much"}]),
        "volume-sizes",
    ),
    "volume without modes": (
        pod(genericEphemeralVolume=[{"volumeName": "a", "mountPath": "/a", "size": "1Gi"}]),
        "volume-sizes",
    ),
    "secret without name": (
        lambda f: f.pod()["secretAsEnv"][0].pop("secretName"),
        "environment-sources",
    ),
    "secret without keys": (
        lambda f: f.pod()["secretAsEnv"][0].pop("keyToEnv"),
        "environment-sources",
    ),
    "key with a space": (
        lambda f: f.pod()["secretAsEnv"][0]["keyToEnv"][0].update(secretKey="my user"),
        "environment-sources",
    ),
    "variable of a secret with a space": (
        lambda f: f.pod()["secretAsEnv"][0]["keyToEnv"][0].update(envVar="MY USER"),
        "environment",
    ),
    "unknown field of the pod": (
        pod(fieldPathAsEnv=[{"name": "A", "fieldPath": "spec.color"}]),
        "environment-sources",
    ),
    "selector with a space": (pod(nodeSelector={"labels": {"my pool": "a"}}), "node-selectors"),
    "selected value with a slash": (
        pod(nodeSelector={"labels": {"pool": "a/b"}}),
        "node-selectors",
    ),
    "empty selector": (pod(nodeSelector={}), "node-selectors"),
    "unknown operator": (toleration(operator="Is"), "tolerations"),
    "value beside Exists": (toleration(operator="Exists", value="b"), "tolerations"),
    "unknown effect": (toleration(effect="NoRun"), "tolerations"),
    "seconds without NoExecute": (toleration(tolerationSeconds=5), "tolerations"),
    "no key": (toleration(key=""), "tolerations"),
    "affinity without values": (affinity({"key": "a", "operator": "In"}), "affinities"),
    "affinity with an unknown operator": (affinity({"key": "a", "operator": "Is"}), "affinities"),
    "affinity compared with text": (
        affinity({"key": "a", "operator": "Gt", "values": ["many"]}),
        "affinities",
    ),
    "empty affinity": (affinity(), "affinities"),
    "weight of 200": (affinity({"key": "a", "operator": "Exists"}, weight=200), "affinities"),
    "pull now and then": (pod(imagePullPolicy="Sometimes"), "image-pulling"),
    "pull secret without name": (pod(imagePullSecret=[{}]), "image-pulling"),
    "root": (pod(securityContext={"runAsUser": 0}), "identity"),
    "label with a space": (pod(podMetadata={"labels": {"a": "b c"}}), "pod-metadata"),
    "workspace of no size": (
        lambda f: f.kubernetes().update(pipelineConfig={"workspace": {"size": "big"}}),
        "workspace",
    ),
    "workspace with a patch of more": (
        lambda f: f.kubernetes().update(
            pipelineConfig={
                "workspace": {"size": "1Gi", "kubernetes": {"pvcSpecPatch": {"volumeName": "a"}}}
            }
        ),
        "workspace",
    ),
    "a run of no time": (
        lambda f: f.kubernetes().update(pipelineConfig={"activeDeadlineSeconds": -1}),
        "run-times",
    ),
    "settings of a pod in its component": (
        lambda f: f.component().update(singlePlatformSpecs=[{"platform": "kubernetes"}]),
        "dropped-settings",
    ),
    "a NUL in an argument": (lambda f: f.argument("a\0b"), "nul-characters"),
    "a NUL in a variable": (
        lambda f: f.container()["env"].append({"name": "A", "value": "a\0"}),
        "nul-characters",
    ),
    "an importer of nothing": (
        lambda f: f.executors().update(X={"importer": {"typeSchema": {"schemaTitle": "a.B"}}}),
        "executor-kinds",
    ),
    "an artifact of the pipeline from nobody": (
        lambda f: f.spec["root"]["dag"].update(
            outputs={
                "artifacts": {
                    "m": {
                        "artifactSelectors": [
                            {"producerSubtask": "Nobody", "outputArtifactKey": "model"}
                        ]
                    }
                }
            }
        ),
        "outputs",
    ),
    "a parameter of the pipeline that no task gives": (
        lambda f: f.spec["root"]["dag"].update(
            outputs={
                "parameters": {
                    "p": {
                        "valueFromParameter": {
                            "producerSubtask": "ExampleGenDriver",
                            "outputParameterKey": "spam",
                        }
                    }
                }
            }
        ),
        "outputs",
    ),
    "a volume over the project": (
        pod(pvcMount=[{"constant": "models", "mountPath": "/opt"}]),
        "mount-paths",
    ),
    "a bucket in capitals": (
        lambda f: f.spec.update(defaultPipelineRoot="gs://Bucket/a"),
        "pipeline-root",
    ),
    "a bucket with a space": (
        lambda f: f.spec.update(defaultPipelineRoot="s3://my bucket/a"),
        "pipeline-root",
    ),
    "only the driver": (lambda f: f.argument("--driver_only"), "arguments"),
}
