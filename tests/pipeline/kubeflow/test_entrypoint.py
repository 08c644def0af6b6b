"""The container's command, as a process of its own."""

from __future__ import annotations

import copy
import gzip
import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.settings import REPOSITORY
from tests.components.example_gen.declared import DECLARATION
from tests.e2e import warm

SCHEMA_GEN = "tfx.components.schema_gen.import_schema_gen.executor.Executor"
EXAMPLE_GEN = "components.example_gen.executor.Executor"
EXAMPLES = "title: tfx.Examples\ntype: object\nproperties:\n  span:\n    type: integer\n"


def document(tmp_path: Path, key: str, schema: str, **parameters: Any) -> dict[str, Any]:
    uri = f"minio://mlpipeline/v2/{key}"
    logs = {"type": {"schemaTitle": "system.Artifact"}, "uri": "minio://mlpipeline/v2/logs"}
    return {
        "inputs": {"parameterValues": parameters},
        "outputs": {
            "artifacts": {
                key: {"artifacts": [{"type": {"instanceSchema": schema}, "uri": uri}]},
                "executor-logs": {"artifacts": [logs]},
            },
            "outputFile": str(tmp_path / "kfp" / "output.json"),
        },
    }


def start(
    tmp_path: Path,
    executor: str,
    executor_input: dict[str, Any],
    *arguments: str,
    is_warm: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Runs the command, in an interpreter that has TensorFlow and TFX imported if it `is_warm`."""
    inputs_spec = {
        "parameters": {
            name: {"parameterType": "NUMBER_INTEGER"}
            for name in ("eval_examples", "shards", "span")
        }
    }
    command = [
        *("-m", "pipeline.kubeflow.entrypoint"),
        *("--executor_class_path", executor),
        *("--json_serialized_invocation_args", json.dumps(executor_input)),
        *("--json_serialized_inputs_spec_args", json.dumps(inputs_spec)),
        "--runner=apache_beam.runners.portability.fn_api_runner.fn_runner.FnApiRunner",
        *arguments,
    ]
    env = {
        **{"PATH": os.defpath, "HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY)},
        "KUBEFLOW_LAUNCHER_ROOT": str(tmp_path),
    }
    if is_warm:
        return warm.run(command, cwd=tmp_path, env=env)
    return subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=env, capture_output=True, text=True
    )


def write_idx(file: Path, *shape: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    size = 1
    for length in shape:
        size *= length
    head = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)
    file.write_bytes(gzip.compress(head + bytes(size)))


def write_span(folder: Path) -> None:
    for prefix, count in (("train", 6), ("t10k", 2)):
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", count, 4, 3)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", count)


def example_gen(tmp_path: Path, pattern: str) -> dict[str, Any]:
    splits = [
        {"name": "train", "pattern": f"{pattern}/train-*"},
        {"name": "test", "pattern": f"{pattern}/t10k-*"},
    ]
    return document(
        tmp_path,
        "examples",
        EXAMPLES,
        input_base=str(tmp_path / "in"),
        input_config=json.dumps({"splits": splits}),
        declaration=DECLARATION.model_dump_json(),
        eval_examples=2,
        shards=1,
        code_hash="",
    )


@pytest.mark.slow
@pytest.mark.extended
def test_example_gens_driver_decides_in_the_container(tmp_path: Path):
    write_span(tmp_path / "in" / "span-2" / "v1")
    write_span(tmp_path / "in" / "span-11" / "v3")
    asked = example_gen(tmp_path, "span-{SPAN}/v{VERSION}")
    done = start(tmp_path, EXAMPLE_GEN, asked, is_warm=False)
    assert done.returncode == 0, done.stderr
    output = json.loads((tmp_path / "kfp" / "output.json").read_text())
    [artifact] = output["artifacts"]["examples"]["artifacts"]
    assert artifact["uri"] == "minio://mlpipeline/v2/examples"
    metadata = artifact["metadata"]
    assert (metadata["custom:span"], metadata["custom:version"]) == (11, 3)
    assert metadata["input_fingerprint"] == metadata["fingerprint"]
    assert metadata["examples_train"] == 4
    folder = tmp_path / "minio" / "mlpipeline" / "v2" / "examples"
    assert sorted(path.name for path in folder.iterdir()) == [
        *("Split-eval", "Split-test", "Split-train", "features.json"),
    ]
    assert os.listdir(tmp_path / "kfp") == ["output.json"]
    assert "Ready to execute after" in done.stderr


@pytest.mark.slow
def test_a_failing_step_says_one_sentence_and_leaves_no_output(tmp_path: Path):
    write_span(tmp_path / "in" / "span-2")
    (tmp_path / "in" / "span-2" / "t10k-labels-idx1-ubyte.gz").unlink()
    (tmp_path / "in" / "span-2" / "t10k-images-idx3-ubyte.gz").unlink()
    done = start(tmp_path, EXAMPLE_GEN, example_gen(tmp_path, "span-{SPAN}"))
    assert done.returncode == 1
    assert "Span 2 in " in done.stderr.splitlines()[-1]
    assert "no files for test" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "kfp").exists() or not os.listdir(tmp_path / "kfp")


@pytest.mark.slow
def test_vertex_asks_the_driver_before_its_cache(tmp_path: Path):
    write_span(tmp_path / "in" / "span-5")
    executor_input = example_gen(tmp_path, "span-{SPAN}")
    asked = start(tmp_path, EXAMPLE_GEN, executor_input, "--driver_only")
    assert asked.returncode == 0, asked.stderr
    output = json.loads((tmp_path / "kfp" / "output.json").read_text())
    assert output["parameterValues"]["span"] == 5
    assert "span-5/train-*" in output["parameterValues"]["input_config"]
    # What it decided is taken as it is: the pattern has no {SPAN} any more.
    done = start(tmp_path, EXAMPLE_GEN, executor_input)
    assert done.returncode == 0, done.stderr
    output = json.loads((tmp_path / "kfp" / "output.json").read_text())
    assert output["artifacts"]["examples"]["artifacts"][0]["metadata"]["custom:span"] == 5


@pytest.mark.slow
def test_on_open_source_the_driver_is_a_task_and_its_decision_holds(tmp_path: Path):
    write_span(tmp_path / "in" / "span-5")
    executor_input = example_gen(tmp_path, "span-{SPAN}")
    asking = copy.deepcopy(executor_input)
    del asking["outputs"]["artifacts"]
    names = ("input_config", "input_fingerprint", "span", "version")
    asking["outputs"]["parameters"] = {name: {"outputFile": f"/tmp/{name}"} for name in names}
    asked = start(tmp_path, EXAMPLE_GEN, asking, "--driver_only")
    assert asked.returncode == 0, asked.stderr
    output = json.loads((tmp_path / "kfp" / "output.json").read_text())
    assert set(output) == {"parameterValues"}
    decided = output["parameterValues"]
    assert (decided["span"], decided["version"]) == (5, -1)
    # A pod of its own.
    (tmp_path / "kfp" / "output.json").unlink()
    executor_input["inputs"]["parameterValues"].update(decided)
    # A newer span has arrived since.
    write_span(tmp_path / "in" / "span-6")
    done = start(tmp_path, EXAMPLE_GEN, executor_input)
    assert done.returncode == 0, done.stderr
    output = json.loads((tmp_path / "kfp" / "output.json").read_text())
    metadata = output["artifacts"]["examples"]["artifacts"][0]["metadata"]
    assert metadata["custom:span"] == 5
    assert "custom:version" not in metadata
    (tmp_path / "kfp" / "output.json").unlink()
    write_idx(tmp_path / "in" / "span-5" / "train-labels-idx1-ubyte.gz", 5)
    refused = start(tmp_path, EXAMPLE_GEN, executor_input)
    assert refused.returncode == 1
    assert "The data changed during the run" in refused.stderr.splitlines()[-1]


@pytest.mark.slow
def test_a_step_of_tfx_itself(tmp_path: Path):
    schema = tmp_path / "schema.pbtxt"
    schema.write_text('feature { name: "label" type: INT }')
    executor_input = document(
        tmp_path, "schema", "title: tfx.Schema\ntype: object\n", schema_file=str(schema)
    )
    done = start(tmp_path, SCHEMA_GEN, executor_input)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "minio" / "mlpipeline" / "v2" / "schema" / "schema.pbtxt").exists()
