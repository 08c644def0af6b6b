"""`validate` as a user runs it, on the file that is really compiled."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml

import kubeflow_runner
from pipeline.settings import REPOSITORY

pytestmark = pytest.mark.slow


def _written(folder, documents):
    file = folder / "pipeline.yaml"
    file.write_text(yaml.safe_dump_all(json.loads(json.dumps(documents))))
    return str(file)


def test_a_clean_file_is_0_and_an_error_is_1(oss_file, tmp_path, compiled_documents, capsys):
    assert kubeflow_runner.main(["validate", str(oss_file)]) == 0
    assert "checks, 0 errors, 0 warnings" in capsys.readouterr().out
    compiled_documents[0]["schemaVersion"] = "2.0.0"
    assert kubeflow_runner.main(["validate", _written(tmp_path, compiled_documents)]) == 1
    shown = capsys.readouterr().out
    assert "✘ schema-version: schemaVersion '2.0.0' is not 2.1.0" in shown
    assert "checks, 1 error, 0 warnings" in shown


def test_what_compile_writes_is_looked_at_without_beam(oss_file):
    """Which takes more than a second, and knows nothing of the usual options that is not known."""
    look = (
        "import sys, kubeflow_runner; code = kubeflow_runner.main(sys.argv[1:]); "
        "sys.exit(code or 'apache_beam' in sys.modules)"
    )
    command = [sys.executable, "-c", look, "validate", str(oss_file)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_warning_alone_is_0(tmp_path, compiled_documents, capsys):
    del compiled_documents[0]["defaultPipelineRoot"]
    assert kubeflow_runner.main(["validate", _written(tmp_path, compiled_documents)]) == 0
    assert "! no-pipeline-root: " in capsys.readouterr().out


def test_one_cause_is_one_finding_that_names_every_place_as_json(
    tmp_path, compiled_documents, capsys
):
    tasks = compiled_documents[0]["root"]["dag"]["tasks"]
    for task in tasks.values():
        task["retryPolicy"]["backoffFactor"] = 1.5
    file = _written(tmp_path, compiled_documents)
    assert kubeflow_runner.main(["validate", file, "--json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)
    assert finding["check"] == "retries"
    assert finding["level"] == "error"
    assert finding["where"] == [f"{name}.retryPolicy" for name in sorted(tasks)]
    assert f"and {len(tasks) - 3} more" in finding["problem"]
    assert "kubeflow.all.retry" in finding["fix"]


def test_a_file_for_the_other_target_is_not_clean(oss_file, vertex_file, capsys):
    assert kubeflow_runner.main(["validate", str(vertex_file), "--target", "vertex"]) == 0
    capsys.readouterr()
    assert kubeflow_runner.main(["validate", str(oss_file), "--target", "vertex", "--json"]) == 1
    found = {finding["check"] for finding in json.loads(capsys.readouterr().out)}
    assert {"documents", "hooks", "accelerators"} <= found
    assert kubeflow_runner.main(["validate", str(vertex_file), "--json"]) == 1
    assert "hooks" in capsys.readouterr().out


def test_a_plain_file_for_oss_is_not_clean_for_vertex(compiled_documents, findings_of):
    for executor in compiled_documents[0]["deploymentSpec"]["executors"].values():
        executor["container"].get("resources", {}).pop("accelerator", None)
    found = findings_of(compiled_documents[:1], "vertex")
    assert [finding.check for finding in found] == ["hooks"]
    assert found[0].fix == "compile with --target vertex"


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("data=gs://other/data", 0, "0 errors"),
        ("data=/mnt/models/data", 0, "0 errors"),
        ("data=/local/x", 1, "--param data=gs://…, or mount a volume there"),
        ("hub_handle=/home/me/module", 1, "is not in the image"),
        ("epochs=3", 0, "0 errors"),
        ("epochs=1.5", 2, "'1.5' is no whole number"),
        ("epoch=1", 2, "did you mean epochs?"),
    ],
)
def test_the_values_of_a_run_are_checked_too(oss_file, capsys, given, code, said):
    assert kubeflow_runner.main(["validate", str(oss_file), "--param", given]) == code
    shown = capsys.readouterr()
    assert said in shown.out + shown.err


def test_what_compile_would_write_with_an_error_is_not_written(tmp_path, capsys):
    output = tmp_path / "pipeline.yaml"
    output.write_text("as it was")
    code = kubeflow_runner.main(
        [
            *("compile", "--config", "configs/quick.yaml", "--image", "example.com/tfx:latest"),
            *("--pipeline-root", "gs://bucket/root", "--data", "/home/me/data"),
            *("--base-path", "gs://bucket/serving", "--output", str(output)),
        ]
    )
    assert code == 1
    shown = capsys.readouterr().err
    assert "✘ images: Baseline_executor has the image example.com/tfx:latest" in shown
    assert "✘ places: ExampleGen.input_base (parameter data) = /home/me/data lies in" in shown
    assert "Not written" in shown
    assert output.read_text() == "as it was"
