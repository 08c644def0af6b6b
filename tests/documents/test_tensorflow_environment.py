"""Variables with which TensorFlow would end the process."""

from __future__ import annotations

import pytest

from documents.tensorflow_environment import refusal


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin:/bin"})


@pytest.mark.slow  # each loads TensorFlow in a process of its own
@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("XLA_FLAGS", "--no_such_flag=1", "in XLA_FLAGS: --no_such_flag=1"),
        ("XLA_FLAGS", "/no/such/file", "/no/such/file"),
        ("TF_XLA_FLAGS", "--no_such\x1b[31m", "in TF_XLA_FLAGS: --no_such"),
        ("TF_DETERMINISTIC_OPS", "perhaps", "into bool"),
    ],
)
def test_what_ends_tensorflow_is_one_sentence_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
):
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin:/bin", name: value, "TF_MINE": "x"})
    said = refusal()
    assert said is not None
    assert said.startswith(f"TensorFlow does not start with {name}=")
    assert why in said
    assert said.endswith(f"; unset {name}.")
    assert said.isprintable()


@pytest.mark.slow
def test_what_tensorflow_takes_is_refused_by_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin", "XLA_FLAGS": "--xla_cpu_use_acl=false"})
    assert refusal() is None


def test_others_variables_cost_no_look(monkeypatch: pytest.MonkeyPatch):
    # Terraform's, what people set for TensorFlow every day, and switches.
    names = {"TF_CLI_CONFIG_FILE": "~/.terraformrc", "TF_VAR_region": "x", "TF_LOG": "debug"}
    names |= {"TF_CPP_MIN_LOG_LEVEL": "x", "TF_DETERMINISTIC_OPS": "1", "TF_DISABLE_MKL": "true"}
    monkeypatch.setattr("os.environ", names)
    monkeypatch.setattr("subprocess.run", lambda *given, **more: pytest.fail("asked"))
    assert refusal() is None
