"""Parameters, conditions, retries, and what the servers would replace in them."""

from __future__ import annotations

from tests.pipeline.kubeflow.validation.defects.compiled import Defects, condition, pod, resources

DEFECTS: Defects = {
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
        condition("inputs.parameter_values['epochs'] =="),
        "conditions",
    ),
    "condition of unknown names": (condition("epochs > 1"), "conditions"),
    "condition that is a number": (condition("1 + 1"), "conditions"),
    "condition of an input that is not given": (
        condition("inputs.parameter_values['rate'] > 1.0"),
        "conditions",
    ),
    "condition in Python": (
        condition("inputs.parameter_values['epochs'] > 1 and true"),
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
    # Amounts, times, names
    "a million processors": (resources(cpuRequest=1e6, cpuLimit=1e6), "resources"),
    "memory in bytes": (resources(memoryLimit=8e9), "resources"),
    "two accelerators": (
        resources(
            accelerator={
                **{"type": "nvidia.com/gpu", "count": 1},
                **{"resourceType": "amd.com/gpu", "resourceCount": "2"},
            }
        ),
        "accelerators",
    ),
    "a window of ages": (lambda f: f.retry(backoffMaxDuration="315576000001s"), "fields"),
    "class of storage with a space": (
        pod(
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
        pod(fieldPathAsEnv=[{"name": "A", "fieldPath": "metadata.labels['a b']"}]),
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
}
