"""Defects planted into the file that is really compiled, each with the check that names it.

They are examples of what the servers of Kubeflow Pipelines 2.17, Argo and Kubernetes refuse, drop
without a word, or fail on.
"""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Json = dict[str, Any]


class File:
    """The documents of a compiled file, and ways into them."""

    def __init__(self, documents: list[Json]):
        self.documents = documents
        self.spec = documents[0]
        self.platform = documents[1]

    def task(self, name: str = "Trainer") -> Json:
        return self.spec["root"]["dag"]["tasks"][name]

    def tasks(self) -> Json:
        return self.spec["root"]["dag"]["tasks"]

    def given(self, name: str, task: str = "Trainer") -> Json:
        return self.task(task)["inputs"]["parameters"][name]

    def constant(self, value: Any, name: str = "run_fn", task: str = "Trainer") -> None:
        self.task(task)["inputs"]["parameters"][name] = {"runtimeValue": {"constant": value}}

    def component(self, name: str = "Trainer") -> Json:
        return self.spec["components"][name]

    def takes(self, name: str = "Trainer") -> Json:
        return self.component(name)["inputDefinitions"]

    def gives(self, name: str = "Trainer") -> Json:
        return self.component(name)["outputDefinitions"]["artifacts"]

    def executors(self) -> Json:
        return self.spec["deploymentSpec"]["executors"]

    def container(self, name: str = "Trainer") -> Json:
        return self.executors()[f"{name}_executor"]["container"]

    def argument(self, text: str) -> None:
        self.container()["args"].append(text)

    def parameters(self) -> Json:
        return self.spec["root"]["inputDefinitions"]["parameters"]

    def kubernetes(self) -> Json:
        return self.platform["platforms"]["kubernetes"]

    def pods(self) -> Json:
        return self.kubernetes()["deploymentSpec"]["executors"]

    def pod(self, name: str = "Trainer") -> Json:
        return self.pods()[f"{name}_executor"]

    def retry(self, **fields: Any) -> None:
        self.task()["retryPolicy"].update(fields)


def _moved(found: Json, key: str, other: Json, name: str | None = None) -> None:
    other[name or key] = found.pop(key)


def _argument(file: File, flag: str, value: str | None) -> None:
    """Another value for an argument; None takes both away."""
    arguments = file.container()["args"]
    at = arguments.index(flag)
    arguments[at : at + 2] = [flag, value] if value is not None else []


def _resources(**fields: Any):
    return lambda f: f.container()["resources"].update(fields)


def _condition(text: str):
    return lambda f: f.task().update(triggerPolicy={"condition": text})


def _toleration(**fields: Any):
    return lambda f: f.pod()["tolerations"].append({"key": "a", **fields})


def _affinity(*expressions: Json, **fields: Any):
    return lambda f: f.pod().update(nodeAffinity=[{"matchExpressions": [*expressions], **fields}])


def _pod(**fields: Any):
    return lambda f: f.pod().update(fields)


DEFECTS = {
    # Fields and documents
    "unknown field of the pipeline": (lambda f: f.spec.update(color="red"), "fields"),
    "misspelt field": (
        lambda f: _moved(f.task(), "cachingOptions", f.task(), "cachingOption"),
        "fields",
    ),
    "field of a task in a component": (
        lambda f: f.component().update(retryPolicy={"maxRetryCount": 1}),
        "fields",
    ),
    "unknown field of a container": (lambda f: f.container().update(workingDir="/"), "fields"),
    "unknown field of an input": (lambda f: f.given("run_fn").update(value="a"), "fields"),
    "unknown field of Kubernetes": (_pod(affinity={}), "fields"),
    "settings of a pod one level up": (
        lambda f: _moved(f.pod(), "tolerations", f.platform["platforms"]["kubernetes"]),
        "fields",
    ),
    "executors without deploymentSpec": (
        lambda f: f.platform["platforms"].update(kubernetes={"executors": f.pods()}),
        "fields",
    ),
    "platforms without their key": (
        lambda f: f.documents.__setitem__(1, f.platform["platforms"]),
        "fields",
    ),
    "an unknown platform": (
        lambda f: _moved(f.platform["platforms"], "kubernetes", f.platform["platforms"], "k8s"),
        "fields",
    ),
    "platforms in the pipeline": (lambda f: f.spec.update(f.documents.pop()), "fields"),
    "a second pipeline": (lambda f: f.documents.append(dict(f.spec)), "documents"),
    "a second platform": (lambda f: f.documents.append(dict(f.platform)), "documents"),
    "a document of something else": (lambda f: f.documents.append({"kind": "Pod"}), "documents"),
    "platforms first": (lambda f: f.documents.reverse(), "documents"),
    "an empty platform": (lambda f: f.platform.update(platforms={}), "documents"),
    # Types of values
    "minutes": (lambda f: f.retry(backoffDuration="1m"), "fields"),
    "a duration as number": (lambda f: f.retry(backoffMaxDuration=60), "fields"),
    "Gi of memory": (_resources(memoryRequest="4Gi"), "fields"),
    "millicores": (_resources(cpuLimit="500m"), "fields"),
    "an infinite limit": (_resources(cpuLimit=float("inf")), "fields"),
    "a number in env": (lambda f: f.container()["env"][0].update(value=1), "fields"),
    "true in env": (lambda f: f.container()["env"][0].update(value=True), "fields"),
    "a date in env": (
        lambda f: f.container()["env"][0].update(value=datetime.date(2026, 1, 1)),
        "fields",
    ),
    "a number as argument": (lambda f: f.argument(1), "fields"),
    "null as argument": (lambda f: f.argument(None), "fields"),
    "cache as text": (lambda f: f.task()["cachingOptions"].update(enableCache="true"), "fields"),
    "cache as number": (lambda f: f.task()["cachingOptions"].update(enableCache=1), "fields"),
    "a count with a fraction": (lambda f: f.retry(maxRetryCount=1.5), "fields"),
    "a count beyond 32 bits": (lambda f: f.retry(maxRetryCount=2**31), "fields"),
    "a number in a node selector": (_pod(nodeSelector={"labels": {"pool": 1}}), "fields"),
    "a list where one is": (lambda f: f.task().update(dependentTasks="Transform"), "fields"),
    "a list for a mapping": (lambda f: f.container().update(env={"A": "b"}), "fields"),
    "an unknown type": (
        lambda f: f.takes()["parameters"]["run_fn"].update(parameterType="string"),
        "fields",
    ),
    "an unknown strategy": (lambda f: f.task().update(triggerPolicy={"strategy": "ALL"}), "fields"),
    "two kinds of source": (
        lambda f: f.given("epochs").update(runtimeValue={"constant": 1}),
        "fields",
    ),
    "two implementations": (lambda f: f.component().update(dag={"tasks": {}}), "fields"),
    "one field spelt twice": (
        lambda f: f.task().update(component_ref={"name": "Pusher"}),
        "fields",
    ),
    # Versions, names, components
    "schema of 2.0": (lambda f: f.spec.update(schemaVersion="2.0.0"), "schema-version"),
    "no schema": (lambda f: f.spec.pop("schemaVersion"), "schema-version"),
    "no sdk": (lambda f: f.spec.pop("sdkVersion"), "sdk-version"),
    "constant of 2.0": (
        lambda f: f.given("run_fn").update(runtimeValue={"constantValue": {"stringValue": "a"}}),
        "old-constants",
    ),
    "type of 2.0": (
        lambda f: f.takes()["parameters"].update(run_fn={"type": "STRING"}),
        "parameter-types",
    ),
    "no pipeline name": (lambda f: f.spec["pipelineInfo"].clear(), "names"),
    "pipeline name with a space": (lambda f: f.spec["pipelineInfo"].update(name="a b"), "names"),
    "pipeline name with capitals": (lambda f: f.spec["pipelineInfo"].update(name="Mnist"), "names"),
    "pipeline name of 129": (lambda f: f.spec["pipelineInfo"].update(name="a" * 129), "names"),
    "underscore in a node id": (
        lambda f: _moved(f.tasks(), "Pusher", f.tasks(), "My_Pusher"),
        "names",
    ),
    "node id of 122": (lambda f: _moved(f.tasks(), "Pusher", f.tasks(), "P" * 122), "names"),
    "node id of a driver": (
        lambda f: _moved(f.tasks(), "Pusher", f.tasks(), "Trainer-driver"),
        "names",
    ),
    "a component called root": (
        lambda f: f.spec["components"].update(root=f.component("Pusher")),
        "names",
    ),
    "an output called executor-logs": (
        lambda f: f.gives().update({"executor-logs": f.gives()["model"]}),
        "names",
    ),
    "an output with a slash": (lambda f: _moved(f.gives(), "model_run", f.gives(), "a/b"), "names"),
    "no taskInfo": (lambda f: f.task().pop("taskInfo"), "components"),
    "no componentRef": (lambda f: f.task().pop("componentRef"), "components"),
    "dangling componentRef": (lambda f: f.task()["componentRef"].update(name="X"), "components"),
    "dangling executorLabel": (lambda f: f.component().update(executorLabel="x"), "components"),
    "no implementation": (lambda f: f.component().pop("executorLabel"), "components"),
    "no tasks": (lambda f: f.tasks().clear(), "components"),
    "an empty executor": (lambda f: f.executors()["Trainer_executor"].clear(), "executor-kinds"),
    "a resolver": (
        lambda f: f.executors().update(Trainer_executor={"resolver": {}}),
        "executor-kinds",
    ),
    "one container for two": (
        lambda f: f.executors()["Pusher_executor"].update(container=f.container()),
        "shared-containers",
    ),
    # Who takes what
    "unknown producer": (
        lambda f: f.task()["inputs"]["artifacts"]["schema"]["taskOutputArtifact"].update(
            producerTask="SchemaGen"
        ),
        "producers",
    ),
    "unknown output": (
        lambda f: f.task()["inputs"]["artifacts"]["schema"]["taskOutputArtifact"].update(
            outputArtifactKey="schemas"
        ),
        "producers",
    ),
    "output parameter that is not there": (
        lambda f: f.task()["inputs"]["parameters"].update(
            run_fn={
                "taskOutputParameter": {"producerTask": "Transform", "outputParameterKey": "fn"}
            }
        ),
        "producers",
    ),
    "unknown upstream": (lambda f: f.task()["dependentTasks"].append("SchemaGen"), "producers"),
    "a cycle": (lambda f: f.task("Transform")["dependentTasks"].append("Trainer"), "cycles"),
    "a task after itself": (lambda f: f.task()["dependentTasks"].append("Trainer"), "cycles"),
    "artifact of another type": (
        lambda f: f.task("Pusher")["inputs"]["artifacts"]["model"]["taskOutputArtifact"].update(
            producerTask="Evaluator", outputArtifactKey="evaluation"
        ),
        "artifacts",
    ),
    "artifact without source": (
        lambda f: f.task()["inputs"]["artifacts"].update(schema={}),
        "artifacts",
    ),
    "artifact that is not given": (
        lambda f: f.task()["inputs"]["artifacts"].pop("schema"),
        "artifacts",
    ),
    "artifact that nobody takes": (
        lambda f: f.takes()["artifacts"].pop("schema"),
        "artifacts",
    ),
    "list of artifacts": (
        lambda f: f.takes("Pusher")["artifacts"]["model"].update(isArtifactList=True),
        "artifacts",
    ),
    "output without type": (lambda f: f.gives()["model"].pop("artifactType"), "artifact-types"),
    "output with an empty type": (
        lambda f: f.gives()["model"].update(artifactType={}),
        "artifact-types",
    ),
    "type without title": (
        lambda f: f.gives()["model"].update(artifactType={"instanceSchema": "type: object"}),
        "artifact-types",
    ),
    "type that is no YAML": (
        lambda f: f.gives()["model"].update(artifactType={"instanceSchema": "title: ["}),
        "artifact-types",
    ),
    "type by address": (
        lambda f: f.gives()["model"].update(artifactType={"schemaUri": "gs://a/b"}),
        "artifact-types",
    ),
    "class of an artifact that is not there": (
        lambda f: f.gives()["model"].update(artifactType={"schemaTitle": "tfx.Modell"}),
        "artifact-types",
    ),
    # Parameters
    "input without value": (lambda f: f.given("run_fn").clear(), "sources"),
    "input that is not given": (
        lambda f: f.task()["inputs"]["parameters"].pop("run_fn"),
        "parameters",
    ),
    "input that nobody takes": (lambda f: f.constant("a", "learning_rate"), "parameters"),
    "null constant": (lambda f: f.constant(None), "sources"),
    "number for text": (lambda f: f.constant(1), "sources"),
    "text for a number": (lambda f: f.constant("400", "eval_examples", "ExampleGen"), "sources"),
    "fraction for a whole number": (
        lambda f: f.constant(0.5, "eval_examples", "ExampleGen"),
        "sources",
    ),
    "true for a number": (lambda f: f.constant(True, "eval_examples", "ExampleGen"), "sources"),
    "runtimeParameter": (
        lambda f: f.given("run_fn").update(runtimeValue={"runtimeParameter": "fn"}),
        "sources",
    ),
    "parameter that is not declared": (lambda f: f.parameters().pop("epochs"), "sources"),
    "parameter of another type": (
        lambda f: f.parameters()["epochs"].update(parameterType="STRING", defaultValue="3"),
        "sources",
    ),
    "parameter without type": (
        lambda f: f.parameters()["epochs"].pop("parameterType"),
        "parameter-types",
    ),
    "parameter of no type": (
        lambda f: f.parameters()["epochs"].update(parameterType=0),
        "parameter-types",
    ),
    "input without type": (
        lambda f: f.takes()["parameters"]["run_fn"].clear(),
        "parameter-types",
    ),
    "default of another type": (
        lambda f: f.parameters()["epochs"].update(defaultValue="8"),
        "parameter-types",
    ),
    "default that is null": (
        lambda f: f.parameters()["data"].update(defaultValue=None),
        "parameter-types",
    ),
    "default beyond the literals": (
        lambda f: f.parameters()["epochs"].update(literals=[1, 2]),
        "parameter-types",
    ),
    "final status of the whole": (
        lambda f: f.parameters()["data"].update(parameterType="TASK_FINAL_STATUS"),
        "parameter-types",
    ),
    "no default": (lambda f: f.parameters()["data"].pop("defaultValue"), "defaults"),
    "an artifactIterator": (
        lambda f: f.task().update(artifactIterator={"itemInput": "model"}),
        "iterators",
    ),
    "an iterator over nothing": (
        lambda f: f.task().update(
            parameterIterator={"items": {"inputParameter": "rates"}, "itemInput": "run_fn"}
        ),
        "iterators",
    ),
    # Conditions and retries
    "condition that ends too early": (
        _condition("inputs.parameter_values['epochs'] =="),
        "conditions",
    ),
    "condition of unknown names": (_condition("epochs > 1"), "conditions"),
    "condition that is a number": (_condition("1 + 1"), "conditions"),
    "condition of an input that is not given": (
        _condition("inputs.parameter_values['rate'] > 1.0"),
        "conditions",
    ),
    "condition in Python": (
        _condition("inputs.parameter_values['epochs'] > 1 and true"),
        "conditions",
    ),
    "only tasks that run at the end": (
        lambda f: [
            t.update(triggerPolicy={"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"})
            for t in f.tasks().values()
        ],
        "exits",
    ),
    "factor with a fraction": (lambda f: f.retry(backoffFactor=1.5), "retries"),
    "negative retries": (lambda f: f.retry(maxRetryCount=-1), "retries"),
    "negative wait": (lambda f: f.retry(backoffDuration="-5s"), "retries"),
    "half a second": (lambda f: f.retry(backoffDuration="0.5s"), "retries"),
    "no window": (lambda f: f.task()["retryPolicy"].pop("backoffMaxDuration"), "lost-retries"),
    "window that the waits fill": (lambda f: f.retry(backoffMaxDuration="60s"), "lost-retries"),
    # What others would replace
    "a variable of Argo": (lambda f: f.constant("{{workflow.name}}"), "argo-templates"),
    "an input of Argo": (
        lambda f: f.argument("--a={{inputs.parameters.x}}"),
        "argo-templates",
    ),
    "an expression of Argo": (
        lambda f: f.container()["env"][0].update(value="{{=1 + 1}}"),
        "argo-templates",
    ),
    "braces that never close": (
        lambda f: f.parameters()["data"].update(description="a {{"),
        "argo-templates",
    ),
    "braces in a name": (
        lambda f: f.pod()["nodeSelector"]["labels"].update({"{{item}}": "a"}),
        "argo-templates",
    ),
    "braces in a secret's name": (
        lambda f: f.pod()["secretAsEnv"][0].update(secretName="{{workflow.name}}"),
        "argo-templates",
    ),
    "unknown placeholder": (
        lambda f: f.argument("{{$.pipeline_nothing}}"),
        "placeholders",
    ),
    "placeholder of an unknown input": (
        lambda f: f.argument("{{$.inputs.parameters['rate']}}"),
        "placeholders",
    ),
    "a variable of Kubernetes": (
        lambda f: f.argument("$(KFP_POD_NAME)"),
        "kubernetes-variables",
    ),
    "two dollars": (lambda f: f.constant("a$$b"), "kubernetes-variables"),
    # Sizes
    "long argument": (lambda f: f.argument("x" * 150_000), "argument-size"),
    "long input": (lambda f: f.constant("x" * 150_000), "argument-size"),
    "long settings of a pod": (
        _pod(podMetadata={"annotations": {"a": "x" * 150_000}}),
        "argument-size",
    ),
    "many variables": (
        lambda f: f.container()["env"].extend(
            {"name": f"A{n}", "value": "x" * 100} for n in range(2_000)
        ),
        "argument-size",
    ),
    "larger than etcd keeps": (
        lambda f: [
            f.spec["components"][name].update(
                outputDefinitions={"artifacts": {}, "parameters": {}},
                inputDefinitions={
                    "parameters": {f"p{n}": {"description": "x" * 900} for n in range(400)}
                },
            )
            for name in f.spec["components"]
        ],
        "workflow-size",
    ),
    # Containers
    "no image": (lambda f: f.container().pop("image"), "image-names"),
    "image with capitals": (
        lambda f: f.container().update(image="example.com/TFX:1"),
        "image-names",
    ),
    "image with a scheme": (
        lambda f: f.container().update(image="https://example.com/tfx:1"),
        "image-names",
    ),
    "image with half a digest": (
        lambda f: f.container().update(image="example.com/tfx@sha256:00"),
        "image-names",
    ),
    "latest": (lambda f: f.container().update(image="example.com/tfx:latest"), "images"),
    "no tag": (lambda f: f.container().update(image="example.com:5000/tfx"), "images"),
    "a tag": (lambda f: f.container().update(image="example.com/tfx:1"), "image-digests"),
    "no command": (lambda f: f.container().pop("command"), "commands"),
    "empty command": (lambda f: f.container().update(command=[]), "commands"),
    "command of TFX": (
        lambda f: f.container().update(
            command=[
                "python",
                "-m",
                "tfx.orchestration.kubeflow.v2.container.kubeflow_v2_run_executor",
            ]
        ),
        "commands",
    ),
    "no arguments": (lambda f: f.container().pop("args"), "arguments"),
    "no inputs": (
        lambda f: _argument(f, "--json_serialized_invocation_args", None),
        "arguments",
    ),
    "other inputs": (
        lambda f: _argument(f, "--json_serialized_invocation_args", "{}"),
        "arguments",
    ),
    "other specification of inputs": (
        lambda f: _argument(
            f, "--json_serialized_inputs_spec_args", json.dumps({"artifacts": {"x": {}}})
        ),
        "arguments",
    ),
    "class that is not there": (
        lambda f: _argument(f, "--executor_class_path", "components.trainer.Trainer"),
        "classes",
    ),
    "function that is not there": (lambda f: f.constant("models.trainer.run"), "classes"),
    "path of another machine": (
        lambda f: f.constant("/home/me/a.pbtxt", "schema_file", "ImportSchemaGen"),
        "image-paths",
    ),
    "a hook": (
        lambda f: f.container().update(lifecycle={"preCacheCheck": {"command": ["python"]}}),
        "hooks",
    ),
    "cached Pusher": (
        lambda f: f.task("Pusher")["cachingOptions"].update(enableCache=True),
        "caching",
    ),
    "request over limit": (_resources(cpuRequest=8.0), "resources"),
    "negative memory": (_resources(memoryRequest=-1.0), "resources"),
    "tiny memory": (_resources(memoryRequest=1e-7), "resources"),
    "no quantity": (_resources(resourceMemoryLimit="8 GB"), "resources"),
    "new request over old limit": (_resources(resourceMemoryRequest="16Gi"), "resources"),
    "GPU without count": (
        _resources(accelerator={"type": "nvidia.com/gpu"}),
        "accelerators",
    ),
    "no GPUs": (_resources(accelerator={"type": "nvidia.com/gpu", "count": 0}), "accelerators"),
    "GPU of Vertex": (
        _resources(accelerator={"type": "NVIDIA_TESLA_T4", "count": 1}),
        "accelerators",
    ),
    "count without GPU": (_resources(accelerator={"count": 1}), "accelerators"),
    "half a GPU": (
        _resources(accelerator={"resourceType": "nvidia.com/gpu", "resourceCount": "0.5"}),
        "accelerators",
    ),
    "variable with a space": (
        lambda f: f.container()["env"][0].update(name="MY LEVEL"),
        "environment",
    ),
    "variable without name": (lambda f: f.container()["env"].append({"value": "1"}), "environment"),
    "variable twice": (
        lambda f: f.container()["env"].append(dict(f.container()["env"][0])),
        "environment",
    ),
    "variable of a secret twice": (
        lambda f: f.container()["env"].append({"name": "STORE_USER", "value": "me"}),
        "environment",
    ),
    "variable of Kubeflow": (
        lambda f: f.container()["env"].append({"name": "KFP_POD_NAME", "value": "a"}),
        "environment",
    ),
    # Places
    "root of images": (lambda f: f.spec.update(defaultPipelineRoot="oci://a/b"), "pipeline-root"),
    "root here": (lambda f: f.spec.update(defaultPipelineRoot="/tmp/root"), "pipeline-root"),
    "root without bucket": (lambda f: f.spec.update(defaultPipelineRoot="gs://"), "pipeline-root"),
    "no root": (lambda f: f.spec.pop("defaultPipelineRoot"), "no-pipeline-root"),
    "data here": (lambda f: f.parameters()["data"].update(defaultValue="/home/me/data"), "places"),
    "data in s3": (lambda f: f.parameters()["data"].update(defaultValue="s3://abc/b"), "places"),
    "base path here": (lambda f: f.constant("models", "base_path", "Baseline"), "places"),
    "pushed to minio": (
        lambda f: f.constant(
            json.dumps({"filesystem": {"base_directory": "minio://abc/b"}}),
            "push_destination",
            "Pusher",
        ),
        "places",
    ),
    "pushed nowhere": (lambda f: f.constant("{}", "push_destination", "Pusher"), "places"),
    "module of this machine": (
        lambda f: f.parameters()["hub_handle"].update(defaultValue="/home/me/module"),
        "hub-handle",
    ),
    "module of texts of this machine": (
        lambda f: f.constant(
            json.dumps({"modules": {"remarks": {"handle": "/home/me/nnlm"}}}),
            "custom_config",
            "Trainer",
        ),
        "hub-handle",
    ),
    # Pods
    "settings for nobody": (
        lambda f: _moved(f.pods(), "Trainer_executor", f.pods(), "Tuner_executor"),
        "platform",
    ),
    "settings that are dropped": (_pod(podAffinity=[{"topologyKey": "zone"}]), "platform"),
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
        _pod(emptyDirMounts=[{"volumeName": "a", "mountPath": "/a", "sizeLimit": "much"}]),
        "volume-sizes",
    ),
    "volume without modes": (
        _pod(genericEphemeralVolume=[{"volumeName": "a", "mountPath": "/a", "size": "1Gi"}]),
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
        _pod(fieldPathAsEnv=[{"name": "A", "fieldPath": "spec.color"}]),
        "environment-sources",
    ),
    "selector with a space": (_pod(nodeSelector={"labels": {"my pool": "a"}}), "node-selectors"),
    "selected value with a slash": (
        _pod(nodeSelector={"labels": {"pool": "a/b"}}),
        "node-selectors",
    ),
    "empty selector": (_pod(nodeSelector={}), "node-selectors"),
    "unknown operator": (_toleration(operator="Is"), "tolerations"),
    "value beside Exists": (_toleration(operator="Exists", value="b"), "tolerations"),
    "unknown effect": (_toleration(effect="NoRun"), "tolerations"),
    "seconds without NoExecute": (_toleration(tolerationSeconds=5), "tolerations"),
    "no key": (_toleration(key=""), "tolerations"),
    "affinity without values": (_affinity({"key": "a", "operator": "In"}), "affinities"),
    "affinity with an unknown operator": (_affinity({"key": "a", "operator": "Is"}), "affinities"),
    "affinity compared with text": (
        _affinity({"key": "a", "operator": "Gt", "values": ["many"]}),
        "affinities",
    ),
    "empty affinity": (_affinity(), "affinities"),
    "weight of 200": (_affinity({"key": "a", "operator": "Exists"}, weight=200), "affinities"),
    "pull now and then": (_pod(imagePullPolicy="Sometimes"), "image-pulling"),
    "pull secret without name": (_pod(imagePullSecret=[{}]), "image-pulling"),
    "root": (_pod(securityContext={"runAsUser": 0}), "identity"),
    "label with a space": (_pod(podMetadata={"labels": {"a": "b c"}}), "pod-metadata"),
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
        _pod(pvcMount=[{"constant": "models", "mountPath": "/opt"}]),
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
    # Classes, arguments, images
    "class that is a value": (
        lambda f: _argument(f, "--executor_class_path", "pipeline.kubeflow.postprocess.GPU_TYPES"),
        "classes",
    ),
    "class that is a module": (
        lambda f: _argument(f, "--executor_class_path", "components.trainer.executor.json"),
        "classes",
    ),
    "class that is a function": (
        lambda f: _argument(f, "--executor_class_path", "models.trainer.run_fn"),
        "classes",
    ),
    "class that is no executor": (
        lambda f: _argument(f, "--executor_class_path", "pipeline.settings.Settings"),
        "classes",
    ),
    "class of Python": (
        lambda f: _argument(f, "--executor_class_path", "collections.OrderedDict"),
        "classes",
    ),
    "class without name": (lambda f: _argument(f, "--executor_class_path", ""), "classes"),
    "function that is a class": (
        lambda f: f.constant("components.trainer.executor.Executor"),
        "classes",
    ),
    "argument that nobody knows": (
        lambda f: f.argument("--executor_clas_path=a.B"),
        "beam-options",
    ),
    "argument that stands alone": (lambda f: f.argument("fast"), "beam-options"),
    "runner that is not there": (
        lambda f: f.argument("--runner=Spork"),
        "beam-options",
    ),
    "misspelt option of Beam": (
        lambda f: f.argument("--direct_num_worker=2"),
        "beam-options",
    ),
    "setup file that is not there": (
        lambda f: f.argument("--setup_file=/opt/project/none.py"),
        "image-paths",
    ),
    "misspelt Python": (
        lambda f: f.container().update(command=["pyhton", "-m", "pipeline.kubeflow.entrypoint"]),
        "commands",
    ),
    "option of Python": (
        lambda f: f.container().update(
            command=["python", "-x", "-m", "pipeline.kubeflow.entrypoint"]
        ),
        "commands",
    ),
    "no PYTHONPATH": (lambda f: f.container().update(env=[]), "project-folders"),
    "relative PYTHONPATH": (
        lambda f: f.container().update(env=[{"name": "PYTHONPATH", "value": "project"}]),
        "project-folders",
    ),
    "another image": (
        lambda f: f.container().update(image=f"example.com/other@sha256:{'1' * 64}"),
        "one-image",
    ),
    "image at no port": (
        lambda f: f.container().update(image=f"example.com:99999/tfx@sha256:{'1' * 64}"),
        "image-names",
    ),
    "parameter that is not told": (
        lambda f: _argument(
            f,
            "--json_serialized_inputs_spec_args",
            json.dumps({"artifacts": f.takes()["artifacts"]}),
        ),
        "arguments",
    ),
    # Places
    **{
        f"root {root}": (lambda f, r=root: f.spec.update(defaultPipelineRoot=r), "pipeline-root")
        for root in (
            *("gs://b/x", f"gs://{'b' * 64}/x", "gs://192.168.1.1/x", "gs://googol/x"),
            *("gs://a..b/x", "gs://abc-/x", "s3://a_bc/x", "minio://a_bc/x", "gs://bucket/a[1]"),
            *("gs://bucket/*", "gs://bucket/a?b", "gs://bucket//a", "gs://bucket/../a"),
            *("gs://bucket/{run}", "gs://bucket/{{$.pipeline_job_name}}", "gs://bucket/a "),
            *("gs://bucket:80/a", "gs://me@bucket/a"),
        )
    },
    **{
        f"data {data}": (
            lambda f, d=data: f.parameters()["data"].update(defaultValue=d),
            "places",
        )
        for data in (
            *("gs://b/data", "gs://bucket/a[1]", "gs://bucket/a*", "gs://bucket/span-{SPAN}"),
            *("gs://bucket/../x", ""),
        )
    },
    "two base paths": (
        lambda f: f.constant("gs://bucket/other", "base_path", "Baseline"),
        "base-paths",
    ),
    "module of this project that is not there": (
        lambda f: f.parameters()["hub_handle"].update(defaultValue="models/modules/none"),
        "hub-handle",
    ),
    "module over ftp": (
        lambda f: f.parameters()["hub_handle"].update(defaultValue="ftp://example.com/m"),
        "hub-handle",
    ),
    "module of nobody": (
        lambda f: f.parameters()["hub_handle"].update(defaultValue="https://"),
        "hub-handle",
    ),
    **{
        f"mounted at {path}": (
            lambda f, p=path: f.pod()["pvcMount"][0].update(mountPath=p),
            "mount-paths",
        )
        for path in ("/a/../gcs", "//gcs", "/gcs/bucket", "/proc", "/usr", "/etc/ssl", "/opt/..")
    },
    # Amounts, times, names
    "a million processors": (_resources(cpuRequest=1e6, cpuLimit=1e6), "resources"),
    "memory in bytes": (_resources(memoryLimit=8e9), "resources"),
    "two accelerators": (
        _resources(
            accelerator={
                **{"type": "nvidia.com/gpu", "count": 1},
                **{"resourceType": "amd.com/gpu", "resourceCount": "2"},
            }
        ),
        "accelerators",
    ),
    "a window of ages": (lambda f: f.retry(backoffMaxDuration="315576000001s"), "fields"),
    "class of storage with a space": (
        _pod(
            genericEphemeralVolume=[
                {
                    **{"volumeName": "v", "mountPath": "/a", "size": "1Gi"},
                    **{"accessModes": ["ReadWriteOnce"], "storageClassName": "Fast SSD"},
                }
            ]
        ),
        "volume-sizes",
    ),
    "label with a space in a field": (
        _pod(fieldPathAsEnv=[{"name": "A", "fieldPath": "metadata.labels['a b']"}]),
        "environment-sources",
    ),
    "settings for another platform": (
        lambda f: f.kubernetes().update(platform="vertex"),
        "dropped-settings",
    ),
    "settings that nobody reads": (
        lambda f: f.kubernetes().update(config={"a": 1}),
        "dropped-settings",
    ),
    # The graph
    "a component that holds itself": (
        lambda f: (
            f.spec["components"].update(
                loop={"dag": {"tasks": {"again": {"componentRef": {"name": "loop"}}}}}
            ),
            f.tasks().update(loop={"componentRef": {"name": "loop"}, "taskInfo": {"name": "loop"}}),
        ),
        "recursion",
    ),
    "an artifact that nobody gives to the pipeline": (
        lambda f: f.spec["root"].update(
            outputDefinitions={"artifacts": {"m": {"artifactType": {"schemaTitle": "tfx.Model"}}}}
        ),
        "outputs",
    ),
    "an artifact that the pipeline takes": (
        lambda f: f.spec["root"]["inputDefinitions"].update(
            artifacts={"m": {"artifactType": {"schemaTitle": "tfx.Model"}}}
        ),
        "pipeline-artifacts",
    ),
    "an optional parameter that is needed": (
        lambda f: (
            f.parameters()["data"].update(isOptional=True),
            f.parameters()["data"].pop("defaultValue"),
        ),
        "sources",
    ),
    "the end of a task that it does not come after": (
        lambda f: (
            f.takes("Pusher")["parameters"].update(end={"parameterType": "TASK_FINAL_STATUS"}),
            f.task("Pusher")["inputs"]["parameters"].update(
                end={"taskFinalStatus": {"producerTask": "Nobody"}}
            ),
        ),
        "sources",
    ),
    "numbers for a text": (
        lambda f: f.task().update(
            parameterIterator={"items": {"raw": "[1, 2]"}, "itemInput": "run_fn"}
        ),
        "iterators",
    ),
    "fewer than none at once": (
        lambda f: f.task().update(iteratorPolicy={"parallelismLimit": -1}),
        "iterators",
    ),
    "condition of what is not there yet": (
        _condition("outputs.parameter_values['a'] == 1.0"),
        "conditions",
    ),
    "condition of old parameters": (_condition("inputs.parameters['epochs'] > 1.0"), "conditions"),
    "type of no version": (
        lambda f: f.gives()["model"]["artifactType"].update(schemaVersion="one"),
        "artifact-types",
    ),
    "type that is a list": (
        lambda f: f.gives()["model"].update(
            artifactType={"instanceSchema": "title: tfx.Model\ntype: array\n"}
        ),
        "artifact-types",
    ),
    "type with properties of no type": (
        lambda f: f.gives()["model"].update(
            artifactType={
                "instanceSchema": "title: tfx.Model\ntype: object\nproperties: {a: {type: date}}\n"
            }
        ),
        "artifact-types",
    ),
    "no time": (_pod(activeDeadlineSeconds=0), "deadlines"),
}


def test_there_are_enough_of_them():
    assert len(DEFECTS) >= 60


def test_what_is_compiled_is_clean(oss_documents, findings_of):
    assert findings_of(oss_documents) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found_and_named(compiled_documents, findings_of, defect):
    plant, check = DEFECTS[defect]
    plant(File(compiled_documents))
    found = findings_of(compiled_documents)
    assert check in [finding.check for finding in found]
    for finding in found:
        assert finding.where
        assert finding.fix
        assert len(finding.problem) < 1_000
