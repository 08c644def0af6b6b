"""Configurations that change while a server runs."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

import pytest
import requests

from serving.clients.rest_client import RestClient, ServingError
from serving.launch import LaunchError, ModelServer, launch
from tests.serving.eventually import eventually

pytestmark = pytest.mark.slow


def model_config(base_path: Path, version: int, label: str) -> str:
    return f"""model_config_list {{ config {{
        name: "small" base_path: "{base_path}" model_platform: "tensorflow"
        model_version_policy {{ specific {{ versions: {version} }} }}
        version_labels {{ key: "{label}" value: {version} }}
    }} }}"""


def is_labelled(server: ModelServer, label: str) -> bool:
    path = f"{server.rest_url}/v1/models/small/labels/{label}:predict"
    return requests.post(path, json={"instances": [[0, 0]]}, timeout=60).status_code == 200


def test_a_label_follows_its_version(saved_model: Path, tmp_path: Path):
    base_path = tmp_path / "models"
    for version in ("1", "2"):
        shutil.copytree(saved_model, base_path / version)
    config = tmp_path / "models.config"
    config.write_text(model_config(base_path, 1, "old"))
    flags = [
        f"--model_config_file={config}",
        "--model_config_file_poll_wait_seconds=1",
        "--allow_version_labels_for_unavailable_models",
    ]
    with launch(base_path, "small", backend="embedded", flags=flags) as server:
        server.wait_available(1)
        assert is_labelled(server, "old")
        config.write_text(model_config(base_path, 2, "new"))
        server.wait_available(2)
        assert eventually(lambda: is_labelled(server, "new"))
        assert not is_labelled(server, "old")


def test_a_start_with_labels_needs_leave(saved_model: Path, tmp_path: Path):
    shutil.copytree(saved_model, tmp_path / "models" / "1")
    config = tmp_path / "models.config"
    config.write_text(model_config(tmp_path / "models", 1, "stable"))
    flags = [f"--model_config_file={config}"]
    with (
        launch(tmp_path, "small", backend="embedded", flags=flags) as server,
        pytest.raises(LaunchError, match="Request to assign label to version 1 of model small"),
    ):
        server.wait_available()


def configured(name: str, base_path: Path, more: str = "", platform: str = "tensorflow") -> str:
    return (
        f'config {{ name: "{name}" base_path: "{base_path}" model_platform: "{platform}" {more} }}'
    )


def test_a_config_file_that_is_watched_can_be_wrong_and_nothing_is_unloaded(
    saved_model: Path, tmp_path: Path
):
    base_path, other = tmp_path / "models", tmp_path / "other"
    for version in (base_path / "1", base_path / "2", other / "7"):
        shutil.copytree(saved_model, version)
    config, log = tmp_path / "models.config", tmp_path / "log"
    good = configured("small", base_path)
    wrong = {
        "# only a comment\n": "Taking no action for empty config",
        f"model_config_list {{ {good[:-20]}": "Error parsing text-format",
        f"model_config_list {{ {good} {good} }}": "multiple times in config list",
        f"model_config_list {{ {configured('small', Path('models'))} }}": "have an absolute path",
        f"model_config_list {{ {configured('small', base_path, platform='x')} }}": (
            "Illegal to change a model's platform"
        ),
        f"model_config_list {{ {good} {configured('new', base_path, platform='x')} }}": (
            "requests unsupported platform"
        ),
        "custom_model_config {}": "custom model config",
        model_config(base_path, 9, "canary"): "Request to assign label to version 9",
    }

    def write(text: str) -> None:
        log_size = log.stat().st_size
        config.write_text(text)
        said = wrong.get(text)
        assert said is None or eventually(lambda: said in log.read_text()[log_size:]), said

    config.write_text(f"model_config_list {{ {good} }}")
    flags = [f"--model_config_file={config}", "--model_config_file_poll_wait_seconds=1"]
    with launch(base_path, "small", backend="embedded", flags=flags, log_path=log) as server:
        server.wait_available(2)
        client = RestClient(server.rest_url, "small")
        for text in wrong:
            write(text)
            assert client.predict([[0, 0]]) == [[1, 1]], text
        config.write_text("")
        time.sleep(2.5)
        assert client.predict([[0, 0]]) == [[1, 1]]
        config.unlink()
        assert eventually(lambda: "Invalid protobuf file" in log.read_text())
        assert client.predict([[0, 0]]) == [[1, 1]]
        both = "model_version_policy { all {} }"
        write(f"model_config_list {{ {configured('small', base_path, both)} }}")
        server.wait_available(1, timeout=60)
        write(f"model_config_list {{ {configured('small', other)} }}")
        server.wait_available(7, timeout=60)
        assert eventually(lambda: [v["state"] for v in client.status(2)] == ["END"])
        write("model_config_list {}")
        assert eventually(lambda: [v["state"] for v in client.status(7)] == ["END"])
        write(f"model_config_list {{ {good} }}")
        server.wait_available(2, timeout=60)


def test_a_config_file_is_not_watched_unless_asked(saved_model: Path, tmp_path: Path):
    shutil.copytree(saved_model, tmp_path / "models" / "1")
    config = tmp_path / "models.config"
    config.write_text(f"model_config_list {{ {configured('small', tmp_path / 'models')} }}")
    flags = [f"--model_config_file={config}"]
    with launch(tmp_path, "small", backend="embedded", flags=flags) as server:
        server.wait_available(1)
        config.write_text("model_config_list {}")
        time.sleep(2.5)
        assert RestClient(server.rest_url, "small").predict([[0, 0]]) == [[1, 1]]


def test_a_new_model_without_versions_holds_up_no_other(saved_model: Path, tmp_path: Path):
    base_path = tmp_path / "models"
    shutil.copytree(saved_model, base_path / "1")
    empty = tmp_path / "other"
    empty.mkdir()
    config = tmp_path / "models.config"
    small = f'config {{ name: "small" base_path: "{base_path}" model_platform: "tensorflow" }}'
    other = f'config {{ name: "other" base_path: "{empty}" model_platform: "tensorflow" }}'
    config.write_text(f"model_config_list {{ {small} }}")
    flags = [f"--model_config_file={config}", "--model_config_file_poll_wait_seconds=1"]
    with launch(base_path, "small", backend="embedded", flags=flags) as server:
        server.wait_available(1)
        config.write_text(f"model_config_list {{ {small} {other} }}")
        time.sleep(2)
        shutil.copytree(saved_model, base_path / ".staging")
        (base_path / ".staging").rename(base_path / "2")
        server.wait_available(2, timeout=60)
        shutil.copytree(saved_model, empty / ".staging")
        (empty / ".staging").rename(empty / "1")
        other_client = RestClient(server.rest_url, "other")

        def answers() -> bool:
            with contextlib.suppress(ServingError):
                return other_client.predict([[0, 0]]) == [[1.0, 1.0]]
            return False

        assert eventually(answers)
