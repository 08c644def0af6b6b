"""Bad input: one sentence, no trace, nothing half-written."""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.clone import REPOSITORY, Clone

pytestmark = pytest.mark.slow

SAMPLE = REPOSITORY / "configs" / "fashion_mnist_sample"
IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"


def _refused(clone: Clone, *arguments: str, code: int = 1) -> str:
    """Runs, and returns the sentence after checking the manners of the refusal."""
    run = clone.run_warm(*arguments)
    output = run.out + run.err
    assert run.code == code, output
    assert "Traceback" not in output
    assert clone.versions == []
    return output


def _edited(change: Callable[[bytes], bytes], name: str = LABELS) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / name
        path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))

    return edit


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / IMAGES).unlink(), [IMAGES.removesuffix(".gz")]),
        # Also held by the tests of ExampleGen.
        pytest.param(
            lambda folder: (folder / IMAGES).write_bytes((folder / IMAGES).read_bytes()[:5000]),
            [IMAGES, "truncated"],
            marks=pytest.mark.extended,
        ),
        pytest.param(
            *(_edited(lambda raw: raw[:-1] + b"\x0b"), [LABELS, "11"]),
            marks=pytest.mark.extended,
        ),
    ],
    ids=["missing", "truncated", "label"],
)
def test_damaged_data_is_named(
    empty_clone: Clone, tmp_path: Path, damage: Callable[[Path], None], words: list[str]
):
    folder = tmp_path / "data"
    shutil.copytree(SAMPLE, folder)
    damage(folder)
    output = _refused(empty_clone, "--set", f"data.folder={folder}", "--set", "data.source=auto")
    for word in words:
        assert word in output
    assert "resume" in output


def test_a_wrong_checksum_is_named(empty_clone: Clone, tmp_path: Path):
    shutil.copytree(SAMPLE, tmp_path / "data")
    output = _refused(
        empty_clone,
        *("--set", f"data.folder={tmp_path / 'data'}", "--set", "data.source=auto"),
        *("--set", f"data.sha256={{{IMAGES}: {'ab' * 32}}}"),
    )
    assert IMAGES in output
    assert "sha256" in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "training.epoch=1"], ["training.epoch", "did you mean `training.epochs`"]),
        # Also held by the tests of settings, and of a run's arguments.
        pytest.param(
            *(["--set", "serving_check.p99=1"], ["p99", "p99_ms"]), marks=pytest.mark.extended
        ),
        pytest.param(*(["--to", "Trainr"], ["Trainr", "Trainer"]), marks=pytest.mark.extended),
        (["--config", "configs/none.yaml"], ["configs/none.yaml"]),
    ],
    ids=["key", "budget", "node", "config"],
)
def test_a_typing_mistake_is_a_usage_error(
    empty_clone: Clone, arguments: list[str], words: list[str]
):
    output = _refused(empty_clone, *arguments, code=2)
    for word in words:
        assert word in output


def test_an_unreachable_hub_handle_is_named(empty_clone: Clone):
    output = _refused(
        empty_clone,
        *("--set", "hub.handle=http://127.0.0.1:9/module.tar.gz", "--set", "hub.allow_http=true"),
        *("--set", f"hub.sha256={'ab' * 32}"),
    )
    assert "http://127.0.0.1:9/module.tar.gz" in output


def test_a_wrong_hub_digest_is_named(empty_clone: Clone):
    output = _refused(empty_clone, "--set", f"hub.sha256={'ab' * 32}")
    assert "hub.sha256" in output


def test_an_archive_that_reaches_outside_is_refused(empty_clone: Clone, tmp_path: Path):
    archive = tmp_path / "module.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(__file__, arcname="../escaped.py")
    output = _refused(empty_clone, "--set", f"hub.handle={archive}", "--set", "hub.sha256=null")
    assert "../escaped.py" in output
    assert not list(tmp_path.rglob("escaped.py"))


def test_a_root_that_cannot_be_written_is_refused(empty_clone: Clone):
    output = _refused(Clone(empty_clone.source, Path("/proc/nowhere")), code=2)
    assert "/proc/nowhere" in output


def test_a_base_path_that_is_a_file_is_refused(empty_clone: Clone, tmp_path: Path):
    file = tmp_path / "models"
    file.write_text("keep me")
    output = _refused(empty_clone, "--set", f"push.base_path={file}", code=2)
    assert f"{file} is a file" in output
    assert file.read_text() == "keep me"


def test_an_error_in_the_users_code_is_located_and_can_be_resumed(empty_clone: Clone):
    empty_clone.edit(
        "models/preprocessing.py", "    packed = ", "    raise KeyError('size')\n    packed = "
    )
    run = empty_clone.run_warm("--json")
    assert run.code == 1
    assert empty_clone.versions == []
    assert "Transform failed: KeyError" in run.err
    assert "models/preprocessing.py:" in run.err
    assert "Traceback" not in run.err
    summary = json.loads(run.out)
    assert summary["outcome"] == "failed"
    assert "local_runner.py --config configs/quick.yaml" in summary["resume"]
    ended = {node["node"]: node["state"] for node in summary["nodes"]}
    assert ended["ExampleGen"] == "done"
    assert ended["Transform"] == "failed"
    assert summary["seconds"] > 0
