"""The command line of the Kubeflow runner, and the file it writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import kubeflow_runner
from pipeline.sections.kubeflow import NODES
from pipeline.settings import REPOSITORY

PLACES = (
    *("--image", "example.com/tfx:1", "--pipeline-root", "gs://bucket/root"),
    *("--data", "gs://bucket/data", "--base-path", "gs://bucket/serving/fashion_mnist"),
)


@pytest.mark.slow
def test_the_compiled_file_holds_the_same_nodes_as_the_local_pipeline(tmp_path: Path):
    output = tmp_path / "pipeline.yaml"
    given = ["--output", str(output), "--set", "training.epochs=7"]
    assert kubeflow_runner.main(["compile", *PLACES, *given]) == 0
    spec = next(yaml.safe_load_all(output.read_text()))
    assert spec["schemaVersion"] == "2.1.0"
    assert set(spec["root"]["dag"]["tasks"]) == {
        *("ExampleGen", "ImportSchemaGen", "StatisticsGen", "ExampleValidator", "Transform"),
        *("Trainer", "Baseline", "Evaluator", "ServingCheck", "Pusher"),
        # The driver, which the local pipeline runs inside its node.
        "ExampleGenDriver",
    }
    assert set(spec["root"]["dag"]["tasks"]) == {*NODES}
    images = {e["container"]["image"] for e in spec["deploymentSpec"]["executors"].values()}
    assert images == {"example.com/tfx:1"}
    assert '"epochs": 7' in output.read_text().replace("\\", "")


GPU = ("--set", "kubeflow.nodes.Trainer.gpus=1")


@pytest.mark.slow
@pytest.mark.parametrize(
    "target",
    # Google's client takes longest to import; what is compiled for it is validated by other tests.
    ["oss", pytest.param("vertex", marks=pytest.mark.extended)],
)
def test_compiling_twice_gives_the_same_bytes_and_a_clean_file(
    tmp_path: Path, target: str, capsys: pytest.CaptureFixture[str]
):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    compile_for = ["compile", "--target", target, *PLACES, *GPU, "--output"]
    # As it is started, in a process that does nothing else and has a hash seed of its own.
    done = subprocess.run(
        [sys.executable, "kubeflow_runner.py", *compile_for, first],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    # This process has another hash seed, and has compiled and imported much else.
    assert kubeflow_runner.main([*compile_for, str(second)]) == 0
    assert first.read_bytes() == second.read_bytes()
    assert str(REPOSITORY) not in first.read_text()
    _load_as_the_client_does(first, target)
    capsys.readouterr()
    assert kubeflow_runner.main(["validate", str(first), "--target", target, "--json"]) == 0
    # The image of these tests is named by a tag.
    found = json.loads(capsys.readouterr().out)
    assert [finding["check"] for finding in found] == ["image-digests"]


def _load_as_the_client_does(file: Path, target: str) -> None:
    """Fails where kfp's client, or Google's for Vertex AI, would refuse to submit the file."""
    parameters = {"data", "epochs", "hub_handle", "hub_sha256", "metric_min"}
    if target == "oss":
        from kfp import components

        component = components.load_component_from_file(str(file))
        assert set(component.component_spec.inputs) == parameters
        assert component.platform_spec
        return
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import aiplatform

    aiplatform.init(project="p", location="us-central1", credentials=AnonymousCredentials())
    given = {"data": "gs://other/data", "epochs": 3}
    job = aiplatform.PipelineJob(
        display_name="any", template_path=str(file), parameter_values=given
    )
    assert job.pipeline_spec["defaultPipelineRoot"] == "gs://bucket/root"


@pytest.mark.medium
def test_validating_starts_without_tensorflow():
    code = (
        "import sys, kubeflow_runner; "
        "kubeflow_runner.main(['validate', 'nothing.yaml']); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'tfx', 'kfp')))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


@pytest.mark.medium
def test_an_output_that_kfp_would_refuse_is_a_usage_error_as_a_user_makes_it(tmp_path: Path):
    output = tmp_path / "pipeline.json"
    done = subprocess.run(
        [sys.executable, "kubeflow_runner.py", "compile", *PLACES, "--output", output],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "must end in .yaml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base-path", "ftp://host/m"], "--base-path ftp://host/m is refused: it must be"),
        (["--base-path", "models"], "--base-path models is refused"),
        (["--data", "ftp://host/data"], "--data ftp://host/data is refused"),
        (["--pipeline-root", "ftp://b/r"], "--pipeline-root ftp://b/r is refused"),
        (["--set", "schema_file=setup.py"], "is no schema in protobuf text"),
        (["--set", "kubeflow.nodes.Traner={}"], "no such node as 'Traner'; did you mean Trainer?"),
        (["--set", "training.seed=-1"], "Setting `training.seed` = -1 in --set is refused"),
        (["--set", "variants={}"], "Section `variants` is for runs on one machine, as a cluster"),
        (["--config", "/dev/zero"], "Cannot read config /dev/zero: a device, not a file"),
    ],
)
def test_what_is_known_before_compiling_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
):
    output = tmp_path / "pipeline.yaml"
    code = kubeflow_runner.main(["compile", *PLACES, "--output", str(output), *arguments])
    shown = capsys.readouterr()
    assert code == 2
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert not output.exists()


TABLE = """
name: trips
features: {fare: {kind: number}}
label: {name: tip, kind: number}
data: {format: csv, files: FILES}
evaluation: {metrics: [{metric: MeanSquaredError, overall: {max: 5}}]}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "data", "base", "pattern"),
    [
        ("here/trips.csv", "gs://bucket/taxi/new.csv", "gs://bucket/taxi", "new.csv"),
        ("here/span-{SPAN}/*.csv", "gs://bucket/taxi", "gs://bucket/taxi", "span-{SPAN}/*.csv"),
    ],
)
def test_a_table_is_compiled_with_its_address(
    tmp_path: Path, files: str, data: str, base: str, pattern: str
):
    config = tmp_path / "trips.yaml"
    config.write_text(TABLE.replace("FILES", repr(files)))
    output = tmp_path / "pipeline.yaml"
    places = [*PLACES, "--data", data, "--output", str(output)]
    assert kubeflow_runner.main(["compile", *places, "--config", str(config)]) == 0
    spec = next(yaml.safe_load_all(output.read_text()))
    parameters = spec["root"]["inputDefinitions"]["parameters"]
    assert parameters["data"]["defaultValue"] == base
    assert "hub_handle" not in parameters
    driver = spec["root"]["dag"]["tasks"]["ExampleGenDriver"]["inputs"]["parameters"]
    assert f'"pattern": "{pattern}"' in driver["input_config"]["runtimeValue"]["constant"]


def test_a_span_that_the_address_cannot_have_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    config = tmp_path / "trips.yaml"
    config.write_text(TABLE.replace("FILES", "'x/{SPAN}'"))
    for address, said in (
        ("gs://bucket/{SPAN}{SPAN}", "--data gs://bucket/{SPAN}{SPAN} is refused: "),
        (
            "gs://bucket/*.csv",
            "--data gs://bucket/*.csv has no spans, and data.span is 3; name a pattern",
        ),
    ):
        places = [*PLACES, "--data", address, "--output", str(tmp_path / "p.yaml")]
        options = ["--config", str(config), "--set", "data.span=3"]
        assert kubeflow_runner.main(["compile", *places, *options]) == 2
        assert said in capsys.readouterr().err


def test_help_teaches_the_command(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        kubeflow_runner.main(["compile", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for word in ("--image", "--pipeline-root", "--data", "--base-path", "--output"):
        assert word in shown


@pytest.mark.parametrize("command", ["submit", "status", "logs", "runs", "schedule"])
def test_help_teaches_with_an_example(capsys: pytest.CaptureFixture[str], command: str):
    with pytest.raises(SystemExit) as ended:
        kubeflow_runner.main([command, "--help"])
    assert ended.value.code == 0
    assert f"python kubeflow_runner.py {command} " in capsys.readouterr().out


def test_a_search_is_refused_with_the_way_to_go(capsys):
    assert kubeflow_runner.main(["tune", "--minutes", "5"]) == 2

    assert "local_runner.py tune" in capsys.readouterr().err


def test_the_settings_are_not_overwritten(tmp_path, capsys):
    config = tmp_path / "mine.yaml"
    config.write_text("name: mine\n")
    given = ["--config", str(config), "--image", "i:1", "--pipeline-root", "gs://bucket/r"]
    more = ["--data", "gs://bucket/d", "--base-path", "gs://bucket/m", "--output", str(config)]
    assert kubeflow_runner.main(["compile", *given, *more]) == 2
    assert "is the settings file itself" in capsys.readouterr().err
    assert config.read_text() == "name: mine\n"
