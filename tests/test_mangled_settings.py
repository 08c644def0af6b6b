"""Settings that are not what they should be, through both runners as a user starts them.

No example starts a run: what is no mistake in the settings is one in --root, or in --output.
"""

from __future__ import annotations

import contextlib
import copy
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kubeflow_runner
import local_runner
from documents.shown import shown as shown_safely
from pipeline.settings import REPOSITORY
from tests.examples import examples
from tests.settings_mangled import DOCUMENT, NO_ROOT, QUICK, TABLE, VALUES, paths

PLACES = (
    "--image=i",
    "--pipeline-root=gs://bucket/r",
    "--data=gs://bucket/d",
    "--base-path=gs://bucket/m",
)

FEW = settings(suppress_health_check=[HealthCheck.too_slow])


def _dumped(document: Any) -> str:
    """As `yaml.safe_dump`, ten times as fast: libyaml writes it."""
    return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True)


def _main(main: Any, *arguments: str) -> tuple[int, str]:
    """Exit code, and all that it printed."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        code = main([*arguments])
    return code, shown.getvalue()


def _refused(config: Path, *overrides: str, compiles: bool = True) -> str:
    """The sentence of the local runner, after a look that Kubeflow's compiler says the same."""
    # An override that begins with a dash would be taken for an option of its own.
    given_as = [f"--set={override}" for override in overrides]
    code, shown = _main(local_runner.main, "--config", str(config), "--root", NO_ROOT, *given_as)
    assert code == 2
    assert shown.endswith("\n")
    sentence = shown[:-1]
    assert shown_safely(sentence) == sentence
    assert len(sentence) < 1_500
    if not compiles:
        return sentence
    code, compiled = _main(
        kubeflow_runner.main,
        *("compile", *PLACES, "--config", str(config), "--output", "x.json", *given_as),
    )
    assert code == 2
    assert compiled == shown if "--root" not in sentence else "--output" in compiled
    return sentence


def _written(content: bytes, *overrides: str, compiles: bool = True) -> str:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "mine.yaml")
        config.write_bytes(content)
        return _refused(config, *overrides, compiles=compiles)


def test_what_is_no_mistake_is_no_mistake():
    assert _written(QUICK.encode()).startswith("--root /no/[root] is refused: it holds '['")


@pytest.mark.medium
@FEW
@given(st.sampled_from(paths(DOCUMENT)), VALUES)
def test_another_value_is_taken_or_refused_with_its_key(path: tuple[Any, ...], value: Any):
    document = copy.deepcopy(DOCUMENT)
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    sentence = _written(_dumped(document).encode())
    assert "--root" in sentence or str(path[0]) in sentence


@pytest.mark.medium
@pytest.mark.parametrize("known", [DOCUMENT, TABLE], ids=["images", "table"])
def test_a_long_value_is_told_shortly_wherever_it_stands(known: dict[str, Any]):
    for path in paths(known):
        document = copy.deepcopy(known)
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = ["x" * 5_000]
        # That both runners say the same is seen with any values below and above.
        sentence = _written(_dumped(document).encode(), compiles=False)
        assert "--root" in sentence or str(path[0]) in sentence


@pytest.mark.medium
@FEW
@given(st.sampled_from(paths(DOCUMENT)), st.sampled_from(["delete", "twice", "rename"]))
def test_keys_that_are_gone_twice_or_unknown_are_named(path: tuple[Any, ...], damage: str):
    document = copy.deepcopy(DOCUMENT)
    place = document
    for key in path[:-1]:
        place = place[key]
    if isinstance(place, list):
        return
    value = place.pop(path[-1])
    if damage == "rename":
        place[f"{path[-1]}_"] = value
    text = _dumped(document)
    if damage == "twice":
        # An anchor keeps the mapping whole whatever it holds.
        place["A"], place["B"] = value, value
        text = _dumped(document).replace("A:", f"{path[-1]}:").replace("B:", f"{path[-1]}:")
    sentence = _written(text.encode())
    # Of a section that is empty without the key, the section is named.
    named = path[-1] if place else path[-2]
    assert "--root" in sentence or str(named) in sentence
    if damage == "twice":
        assert "two settings with one key" in sentence


@pytest.mark.medium
@FEW
@given(st.data())
def test_text_with_anything_in_it_is_taken_or_refused(data: st.DataObject):
    content = QUICK.encode()
    start = data.draw(st.integers(0, len(content)))
    stop = start + data.draw(st.integers(0, 12))
    inserted = data.draw(st.binary(max_size=8) | st.text("{}[]:,-&*!|>'\" \t\n#%@").map(str.encode))
    _written(content[:start] + inserted + content[stop:])


@pytest.mark.medium
@settings(FEW, max_examples=examples(0.3))
@given(st.text(max_size=30), VALUES)
def test_any_override_is_taken_or_refused(key: str, value: Any):
    with contextlib.suppress(UnicodeEncodeError):
        _written(QUICK.encode(), key, f"{key}={value}", f"={value}", f"training.{key}={value}")
    for path in ("training.epochs", "data.folder", "hub", "push.base_path", "kubeflow.nodes"):
        sentence = _written(QUICK.encode(), f"{path}={value}")
        assert "--root" in sentence or path.partition(".")[0] in sentence


@pytest.mark.medium
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; begin with a copy of configs/quick.yaml."),
        (b"- 1\n- 2", "holds a list; it must hold a mapping of settings."),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 2_000, "is nested more than 32 deep."),
        (b"name: 2026-13-45", "`name` = '2026-13-45' in "),
        (b"name: !!python/object/apply:os.system ['true']", "which no setting takes."),
        (b"name: " + b"9" * 5_000, "which is no whole number that fits into 64 bits."),
    ],
)
def test_what_holds_no_settings_is_one_sentence(content: bytes, said: str):
    assert said in _written(content)


@pytest.mark.medium
def test_a_process_of_its_own_ends_with_code_2_and_the_sentence(tmp_path: Path):
    config = tmp_path / "größe.yaml"
    config.write_bytes("name: größe\0".encode("latin-1"))
    done = subprocess.run(
        [sys.executable, "local_runner.py", "--config", config, "--root", tmp_path / "root"],
        cwd=REPOSITORY,
        # Neither a home, nor a locale, nor any other help.
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "UTF-8" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "root").exists()
