"""Planted defects, each found by the check that is meant for it."""

from __future__ import annotations

import argparse
import json

import pytest
import yaml

from pipeline.kubeflow.validation import command
from pipeline.kubeflow.validation.documents import parse_documents
from pipeline.kubeflow.validation.validate import validate, validate_file
from tests.pipeline.kubeflow.conftest import for_cluster


@pytest.fixture
def documents(compiled):
    """Both documents of a clean file for open-source Kubeflow."""
    return for_cluster(compiled)


@pytest.fixture
def found():
    """The names of the checks that find something in documents, as they are read from a file."""

    def check(documents, target="oss"):
        parsed = parse_documents(json.loads(json.dumps(documents)), "pipeline.yaml")
        return [finding.check for finding in validate(parsed, target)]

    return check


def _container(spec, node="Pusher"):
    return spec["deploymentSpec"]["executors"][f"{node}_executor"]["container"]


def _constant(spec, task, key, value):
    parameters = spec["root"]["dag"]["tasks"][task]["inputs"]["parameters"]
    parameters[key] = {"runtimeValue": {"constant": value}}


def _rename(spec, old, new):
    tasks = spec["root"]["dag"]["tasks"]
    tasks[new] = tasks.pop(old)


def _resolver(spec):
    spec["deploymentSpec"]["executors"]["Pusher_executor"] = {"resolver": {}}


def _cycle(spec):
    spec["root"]["dag"]["tasks"]["ExampleGen"]["dependentTasks"] = ["Pusher"]


def _take(spec, producer, key):
    source = spec["root"]["dag"]["tasks"]["Pusher"]["inputs"]["artifacts"]["examples"]
    source["taskOutputArtifact"] = {"producerTask": producer, "outputArtifactKey": key}


DEFECTS = {
    "schema of 2.0": (lambda s: s.update(schemaVersion="2.0.0"), "schema-version"),
    "constant of 2.0": (
        lambda s: s["root"]["dag"]["tasks"]["Pusher"]["inputs"]["parameters"].update(
            push_destination={"runtimeValue": {"constantValue": {"stringValue": "{}"}}}
        ),
        "old-constants",
    ),
    "underscore in a node id": (lambda s: _rename(s, "Pusher", "My_Pusher"), "names"),
    "very long node id": (lambda s: _rename(s, "Pusher", "P" * 129), "names"),
    "pipeline name": (lambda s: s["pipelineInfo"].update(name="My_Pipeline"), "names"),
    "no tasks": (lambda s: s["root"]["dag"].update(tasks={}), "components"),
    "no component": (lambda s: s["components"].pop("Pusher"), "components"),
    "no executor": (
        lambda s: s["components"]["Pusher"].update(executorLabel="lost"),
        "components",
    ),
    "resolver": (_resolver, "executor-kinds"),
    "missing producer": (lambda s: _take(s, "Trainer", "model"), "producers"),
    "missing output": (lambda s: _take(s, "ExampleGen", "model"), "producers"),
    "missing upstream": (
        lambda s: s["root"]["dag"]["tasks"]["Pusher"].update(dependentTasks=["Trainer"]),
        "producers",
    ),
    "cycle": (_cycle, "cycles"),
    "no default": (
        lambda s: s["root"]["inputDefinitions"]["parameters"]["data"].pop("defaultValue"),
        "defaults",
    ),
    "undeclared parameter": (
        lambda s: s["root"]["inputDefinitions"]["parameters"].clear(),
        "sources",
    ),
    "latest": (lambda s: _container(s).update(image="example.com/tfx:latest"), "images"),
    "no tag": (lambda s: _container(s).update(image="example.com:5000/tfx"), "images"),
    "tag": (lambda s: _container(s).update(image="example.com/tfx:1"), "image-digests"),
    "class in __main__": (
        lambda s: _container(s)["args"].__setitem__(1, "__main__.Executor"),
        "classes",
    ),
    "class that is not there": (
        lambda s: _container(s)["args"].__setitem__(1, "components.pusher.executor.Executer"),
        "classes",
    ),
    "module that is not there": (
        lambda s: _constant(s, "Pusher", "run_fn", "models.nothing.run_fn"),
        "classes",
    ),
    "long argument": (lambda s: _container(s)["args"].append("x" * 200_000), "argument-size"),
    "long input": (lambda s: _constant(s, "Pusher", "text", "x" * 200_000), "argument-size"),
    "accelerator of Vertex": (
        lambda s: _container(s)["resources"].update(
            accelerator={"type": "NVIDIA_TESLA_T4", "count": 1}
        ),
        "accelerators",
    ),
    "no root": (lambda s: s.pop("defaultPipelineRoot"), "no-pipeline-root"),
    "local root": (lambda s: s.update(defaultPipelineRoot="/tmp/root"), "pipeline-root"),
    "local data": (
        lambda s: s["root"]["inputDefinitions"]["parameters"]["data"].update(defaultValue="/data"),
        "places",
    ),
    "base path that nobody can write": (
        lambda s: _constant(
            s, "Pusher", "push_destination", '{"filesystem": {"base_directory": "minio://abc/b"}}'
        ),
        "places",
    ),
    "path of another machine": (
        lambda s: _constant(s, "Pusher", "schema_file", "/home/somebody/a.pbtxt"),
        "image-paths",
    ),
    "hook": (
        lambda s: _container(s).update(lifecycle={"preCacheCheck": {"command": ["python"]}}),
        "hooks",
    ),
    "cached Pusher": (
        lambda s: s["root"]["dag"]["tasks"]["Pusher"].update(cachingOptions={"enableCache": True}),
        "caching",
    ),
}


def test_a_clean_file_has_no_findings(documents, found):
    assert found(documents) == []


@pytest.mark.medium
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(documents, found, defect):
    plant, check = DEFECTS[defect]
    documents = json.loads(json.dumps(documents))
    plant(documents[0])
    assert check in found(documents)


def test_settings_for_an_executor_that_is_not_there(documents, found):
    executors = documents[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    executors["Trainer_executor"] = executors.pop("Pusher_executor")
    assert found(documents) == ["platform"]


def test_a_file_for_one_target_is_not_clean_for_the_other(documents, found):
    documents[0]["defaultPipelineRoot"] = "s3://bucket/root"
    assert found(documents) == []
    assert found(documents, "vertex") == ["documents", "hooks", "pipeline-root"]


def test_a_mounted_volume_makes_a_local_path_reachable(documents, found):
    executors = documents[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    for label in ("ExampleGen_executor", "ExampleGenDriver_executor"):
        executors[label] = {"pvcMount": [{"constant": "data", "mountPath": "/data"}]}
    documents[0]["root"]["inputDefinitions"]["parameters"]["data"]["defaultValue"] = "/data/mnist"
    assert found(documents) == []
    documents[0]["root"]["inputDefinitions"]["parameters"]["data"]["defaultValue"] = "/data2"
    assert found(documents) == ["places"]


def test_the_suffix_that_kfp_takes(documents, tmp_path):
    file = tmp_path / "pipeline.json"
    # Without aliases, which a compiled file never has.
    file.write_text(yaml.safe_dump_all(json.loads(json.dumps(documents))))
    assert [finding.check for finding in validate_file(file, "oss")] == ["suffix"]


@pytest.mark.parametrize(
    "text",
    [
        *("", "a: b", "root: [", "!!python/object/apply:os.getcwd []", "\x00"),
        "a: &a [x, x]\nroot: [*a, *a]\n",
        "root: 1\n" + " " * 9_000_000,
    ],
)
def test_what_is_no_pipeline_is_said_in_a_sentence(tmp_path, text):
    file = tmp_path / "pipeline.yaml"
    file.write_text(text)
    [finding] = validate_file(file, "oss")
    assert finding.check == "readable"
    assert str(file) in finding.problem


@pytest.mark.medium
@pytest.mark.parametrize("odd", [None, 1, "a", [], {"tasks": [1]}, {"dag": {"tasks": {"a": 1}}}])
@pytest.mark.parametrize("key", ["root", "components", "deploymentSpec", "pipelineInfo"])
def test_odd_shapes_are_findings_and_no_crash(documents, found, key, odd):
    documents[0][key] = odd
    assert found(documents)


def test_all_findings_are_printed_each_with_its_fix(tmp_path, documents, capsys):
    file = tmp_path / "pipeline.yaml"
    documents[0]["schemaVersion"] = "2.0.0"
    _container(documents[0])["image"] = "tfx"
    file.write_text(yaml.safe_dump_all(json.loads(json.dumps(documents))))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args([str(file)])) == 1
    shown = capsys.readouterr().out
    assert "schema-version" in shown
    assert "REPOSITORY@sha256:DIGEST" in shown
    assert "2 errors, 1 warning" in shown
    assert command.run(parser.parse_args([str(file), "--json"])) == 1
    assert {f["check"] for f in json.loads(capsys.readouterr().out)} == {
        "schema-version",
        "images",
        "one-image",
    }
