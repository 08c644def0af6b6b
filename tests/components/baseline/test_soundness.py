"""A live version that nothing can be compared with is found early, with the command that mends."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf
from tfx.types import standard_artifacts

from components.baseline import soundness
from components.baseline.executor import Executor
from components.baseline.soundness import UnsoundError, check_live_version
from serving.__main__ import main
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.versions import Version, live_version, publish, version_digest
from serving.base_path.withdrawal import withdraw
from tests.there import there

WANTED = ("examples", "probabilities")


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its signatures are `examples`, with the output `probabilities`, and `other`."""

    class Small(tf.Module):
        def __init__(self) -> None:
            self.offset = tf.Variable([1.0] * 1_000)

    module = Small()

    def signature(name: str, output: str):
        def call(x):
            return {output: tf.strings.to_number(x) + module.offset[0]}

        spec = tf.TensorSpec([None], tf.string, "x")
        return tf.function(call, autograph=False).get_concrete_function(spec)

    folder = tmp_path_factory.mktemp("saved_model") / "model"
    signatures = {"examples": signature("examples", "probabilities"), "other": signature("o", "y")}
    tf.saved_model.save(module, str(folder), signatures=signatures)
    return folder


@pytest.fixture
def base(saved_model: Path, tmp_path: Path) -> Path:
    """A base path with the older version 3 and, by another tool, 5 without provenance."""
    base = tmp_path / "a base"
    for number in (3, 5):
        publish(saved_model, base, version=number)
    return base


def swap(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DATA = "variables/variables.data-00000-of-00001"
DAMAGES: dict[str, Callable[[Path], object]] = {
    "garbage": lambda folder: (folder / "saved_model.pb").write_bytes(b"garbage"),
    "empty": lambda folder: (folder / "saved_model.pb").write_bytes(b""),
    "a folder": lambda folder: swap(folder / "saved_model.pb", Path.mkdir),
    "cut short": lambda folder: os.truncate(folder / "saved_model.pb", 100),
    "no variables": lambda folder: shutil.rmtree(folder / "variables"),
    "no index": lambda folder: (folder / "variables/variables.index").unlink(),
    "no data": lambda folder: (folder / DATA).unlink(),
    "half the data": lambda folder: os.truncate(folder / DATA, 500),
    "a bit of the data": lambda folder: flip(folder / DATA),
    "a FIFO": lambda folder: swap(folder / DATA, os.mkfifo),
}


def test_a_sound_version_and_none_at_all_pass(base: Path, tmp_path: Path) -> None:
    check_live_version(str(base), *WANTED)
    check_live_version(str(tmp_path / "nothing"), *WANTED)


@pytest.mark.medium
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_version_is_named_with_the_command_that_takes_it_away(
    base: Path, damage: str
) -> None:
    DAMAGES[damage](base / "5")
    with pytest.raises(UnsoundError) as caught:
        check_live_version(str(base), *WANTED)
    sentence = str(caught.value)
    assert sentence.startswith(f"Live version 5 in base path {base} ")
    assert "\n" not in sentence
    [command] = re.findall("`python -m serving (.*)`", sentence)
    assert main(shlex.split(command)) == 0
    assert there(live_version(base)).number == 3
    check_live_version(str(base), *WANTED)


def test_the_command_works_for_the_only_version_too(saved_model: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    publish(saved_model, base, version=5)
    DAMAGES["garbage"](base / "5")
    with pytest.raises(UnsoundError) as caught:
        check_live_version(str(base))
    [command] = re.findall("`python -m serving (.*)`", str(caught.value))
    assert main(shlex.split(command)) == 0
    assert live_version(base) is None


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (("serving_default", "y"), "it has no signature `serving_default` with the output `y`"),
        (("other", "z"), "it has no signature `other` with the output `z`"),
    ],
)
def test_a_version_of_another_tool_is_named(base: Path, wanted: tuple[str, str], said: str) -> None:
    with pytest.raises(UnsoundError, match=f"^Live version 5 .* is of another tool: {said}"):
        check_live_version(str(base), *wanted)


def test_a_version_that_occurs_twice_is_named(base: Path, saved_model: Path) -> None:
    shutil.copytree(saved_model, base / "005")
    with pytest.raises(UnsoundError, match="version 5 more than once, as '5' and '005'"):
        check_live_version(str(base))


def test_what_is_as_it_was_published_is_not_loaded_again(tmp_path: Path) -> None:
    source = tmp_path / "model"
    source.mkdir()
    (source / "saved_model.pb").write_bytes(b"only its publisher loaded it")
    document = json.dumps({"content_digest": content_digest(source)}).encode()
    publish(source, tmp_path / "base", extra_files={PROVENANCE: document})
    check_live_version(str(tmp_path / "base"), *WANTED)


@pytest.mark.parametrize("damage", ["garbage", "no index"])
def test_the_node_names_it_too(base: Path, saved_model: Path, tmp_path: Path, damage: str) -> None:
    """On a cluster nobody looks before the run."""
    DAMAGES[damage](base / "5")
    model, baseline = standard_artifacts.Model(), standard_artifacts.Model()
    model.uri, baseline.uri = str(tmp_path / "candidate"), str(tmp_path / "baseline")
    shutil.copytree(saved_model, tmp_path / "candidate/Format-Serving")
    (tmp_path / "candidate/Format-Serving/more").write_text("another content")
    properties = {"base_path": str(base), "code_hash": "c"}
    with pytest.raises(UnsoundError, match=f"^Live version 5 in base path {base} "):
        Executor().Do({"model": [model]}, {"baseline": [baseline]}, properties)


def test_one_that_is_withdrawn_while_it_is_read_is_not_called_damaged(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def moved(version: Version) -> str:
        read.append(version.number)
        if version.number == 5:
            withdraw(base, 5, reason="bad")
        return version_digest(version)

    monkeypatch.setattr(soundness, "version_digest", moved)
    check_live_version(str(base), *WANTED)
    assert read == [5, 3]
