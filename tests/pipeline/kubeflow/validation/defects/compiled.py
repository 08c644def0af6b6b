"""The documents of a compiled file, and ways of spoiling them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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

    def argument(self, text: Any) -> None:
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


Plant = Callable[[File], object]
Defects = Mapping[str, tuple[Plant, str]]
"""What each is called: how it is planted, and the check that names it."""


def moved(found: Json, key: str, other: Json, name: str | None = None) -> None:
    other[name or key] = found.pop(key)


def argument(file: File, flag: str, value: str | None) -> None:
    """Another value for an argument; None takes both away."""
    arguments = file.container()["args"]
    at = arguments.index(flag)
    arguments[at : at + 2] = [flag, value] if value is not None else []


def resources(**fields: Any) -> Plant:
    return lambda f: f.container()["resources"].update(fields)


def condition(text: str) -> Plant:
    return lambda f: f.task().update(triggerPolicy={"condition": text})


def toleration(**fields: Any) -> Plant:
    return lambda f: f.pod()["tolerations"].append({"key": "a", **fields})


def affinity(*expressions: Json, **fields: Any) -> Plant:
    return lambda f: f.pod().update(nodeAffinity=[{"matchExpressions": [*expressions], **fields}])


def pod(**fields: Any) -> Plant:
    return lambda f: f.pod().update(fields)


def default(parameter: str, value: str) -> Plant:
    return lambda f: f.parameters()[parameter].update(defaultValue=value)


def pipeline_root(root: str) -> Plant:
    return lambda f: f.spec.update(defaultPipelineRoot=root)


def mounted_at(path: str) -> Plant:
    return lambda f: f.pod()["pvcMount"][0].update(mountPath=path)
