"""The command line of a dry run."""

from pathlib import Path

import pytest

import kubeflow_runner


def test_a_parameter_that_does_not_fit_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "pipeline.yaml"
    inputs = "{parameters: {epochs: {parameterType: NUMBER_INTEGER}}}"
    file.write_text(f"root: {{inputDefinitions: {inputs}}}")
    assert kubeflow_runner.main(["dry-run", str(file), "--param", "epochs=1.5"]) == 2
    assert capsys.readouterr().err == "--param epochs=1.5: '1.5' is no whole number.\n"
