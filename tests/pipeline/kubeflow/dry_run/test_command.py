"""The command line of a dry run."""

from pathlib import Path

import pytest

import kubeflow_runner


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("epochs", "--param 'epochs' must read NAME=VALUE."),
        ("epochs=[1", "--param epochs=[1 is not valid YAML"),
        ("epochs=!!int 'x'", "which is no whole number"),
        ("epochs=" + "9" * 5_000, "which is no whole number"),
        ("epochs={a: 1, a: 2}", "two settings with one key"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, said: str
):
    file = tmp_path / "pipeline.yaml"
    file.write_text("{}")
    assert kubeflow_runner.main(["dry-run", str(file), "--param", given]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1
