"""Configurations that change while a server runs."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import requests

from serving.clients.rest_client import RestClient, ServingError
from serving.launch import LaunchError, ModelServer, launch
from serving.server.versions.routes import ModelSpec
from tests.serving.eventually import eventually

if TYPE_CHECKING:
    from serving.server.versions.core import Core

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


@pytest.fixture
def served(
    saved_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[Core, Path]]:
    """Versions 1 and 2 in `models`, of which 2 is served as the file beside `models` says. It is
    looked at twenty times a second, where a server does it once."""
    from serving.server.loading.saved_model import SavedModel
    from serving.server.versions import text_config
    from serving.server.versions.core import Core

    for version in ("1", "2"):
        shutil.copytree(saved_model, tmp_path / "models" / version)
    config = tmp_path / "models.config"
    config.write_text(f"model_config_list {{ {configured('small', tmp_path / 'models')} }}")
    core = Core(
        text_config.parse_models(config.read_text()) or [],
        SavedModel,
        poll_seconds=0.05,
        max_retries=0,
        retry_seconds=0,
    )
    core.watch_config(str(config), 0)
    caplog.set_level(logging.INFO, logger="serving.server.versions.core")
    core.start()
    yield core, config
    core.stop()


def states(core: Core) -> dict[int, str]:
    return {each.number: each.state.name for each in core.models.status(ModelSpec("small"))}


def answers(core: Core) -> bool:
    with core.models.lease(ModelSpec("small")) as lease:
        signature = lease.model.signatures["serving_default"]
        [y] = lease.model.run(
            {signature.inputs["x"].tensor: np.zeros((1, 2), np.float32)},
            [signature.outputs["y"].tensor],
        )
    return bool(y.tolist() == [[1, 1]])


def test_a_config_file_that_is_watched_can_be_wrong_and_nothing_is_unloaded(
    served: tuple[Core, Path], saved_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    core, config = served
    base_path, other = tmp_path / "models", tmp_path / "other"
    shutil.copytree(saved_model, other / "7")
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
        "": "Taking no action for empty config",
    }
    for text, said in wrong.items():
        config.write_text(text)
        time.sleep(0.2)  # What was read in the middle of writing is read again.
        caplog.clear()
        assert eventually(lambda said=said: said in caplog.text), said  # type: ignore[misc]
        assert states(core) == {2: "AVAILABLE"}, text
        assert answers(core), text
    config.unlink()
    assert eventually(lambda: "Invalid protobuf file" in caplog.text)
    assert answers(core)
    both = "model_version_policy { all {} }"
    for models, wanted in (
        (configured("small", base_path, both), {1: "AVAILABLE", 2: "AVAILABLE"}),
        (configured("small", other), {1: "END", 2: "END", 7: "AVAILABLE"}),
        ("", {1: "END", 2: "END", 7: "END"}),
        (good, {1: "END", 2: "AVAILABLE", 7: "END"}),
    ):
        config.write_text(f"model_config_list {{ {models} }}")
        assert eventually(lambda wanted=wanted: states(core) == wanted), (models, states(core))  # type: ignore[misc]


def test_a_config_file_is_not_watched_unless_asked(saved_model: Path, tmp_path: Path):
    shutil.copytree(saved_model, tmp_path / "models" / "1")
    config = tmp_path / "models.config"
    config.write_text(f"model_config_list {{ {configured('small', tmp_path / 'models')} }}")
    flags = [f"--model_config_file={config}"]
    with launch(tmp_path, "small", backend="embedded", flags=flags, poll_seconds=0.05) as server:
        server.wait_available(1)
        config.write_text("model_config_list {}")
        time.sleep(0.7)
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
    log = tmp_path / "log"
    with launch(
        *(base_path, "small"), backend="embedded", flags=flags, poll_seconds=0.1, log_path=log
    ) as server:
        server.wait_available(1)
        config.write_text(f"model_config_list {{ {small} {other} }}")
        assert eventually(lambda: "No versions of servable other" in log.read_text())
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
