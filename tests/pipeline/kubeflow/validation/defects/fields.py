"""Fields, documents and types that the messages do not have."""

from __future__ import annotations

import datetime

from tests.pipeline.kubeflow.validation.defects.compiled import Defects, moved, pod, resources

DEFECTS: Defects = {
    # Fields and documents
    "unknown field of the pipeline": (lambda f: f.spec.update(color="red"), "fields"),
    "misspelt field": (
        lambda f: moved(f.task(), "cachingOptions", f.task(), "cachingOption"),
        "fields",
    ),
    "field of a task in a component": (
        lambda f: f.component().update(retryPolicy={"maxRetryCount": 1}),
        "fields",
    ),
    "unknown field of a container": (lambda f: f.container().update(workingDir="/"), "fields"),
    "unknown field of an input": (lambda f: f.given("run_fn").update(value="a"), "fields"),
    "unknown field of Kubernetes": (pod(affinity={}), "fields"),
    "settings of a pod one level up": (
        lambda f: moved(f.pod(), "tolerations", f.platform["platforms"]["kubernetes"]),
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
        lambda f: moved(f.platform["platforms"], "kubernetes", f.platform["platforms"], "k8s"),
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
    "Gi of memory": (resources(memoryRequest="4Gi"), "fields"),
    "millicores": (resources(cpuLimit="500m"), "fields"),
    "an infinite limit": (resources(cpuLimit=float("inf")), "fields"),
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
    "a number in a node selector": (pod(nodeSelector={"labels": {"pool": 1}}), "fields"),
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
}
