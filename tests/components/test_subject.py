"""What a verdict is about, and when it no longer is."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from tfx import types
from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types
from tfx.types import standard_artifacts

from components.baseline.choice import NONE, Choice
from components.subject import (
    ChangedError,
    DamagedError,
    Subject,
    check_unchanged,
    observe,
    reference_digest,
)
from components.subject_driver import Driver
from components.trainer.record import RecordError
from documents.verdict import BaselineReference
from serving.base_path.content import content_digest

NO_STORE = cast(metadata.Metadata, None)


def _model(folder: Path, weights: bytes = b"weights") -> types.Artifact:
    model = standard_artifacts.Model()
    model.uri = str(folder)
    (folder / "Format-Serving" / "variables").mkdir(parents=True)
    (folder / "Format-Serving" / "saved_model.pb").write_bytes(b"graph")
    (folder / "Format-Serving" / "variables" / "data").write_bytes(weights)
    (folder / "reference").mkdir()
    (folder / "reference" / "probabilities.npy").write_bytes(b"0.9")
    return model


@pytest.fixture
def model(tmp_path: Path) -> types.Artifact:
    """With a record of what was written, as the Trainer leaves it."""
    model = _model(tmp_path / "model")
    record = {
        "content_digest": content_digest(Path(model.uri, "Format-Serving")),
        "reference_digest": reference_digest(model),
    }
    Path(model.uri, "training.json").write_text(json.dumps(record))
    return model


@pytest.fixture
def baseline(tmp_path: Path) -> types.Artifact:
    baseline = _model(tmp_path / "baseline", b"live")
    baseline.set_int_custom_property("version", 7)
    baseline.set_string_custom_property(
        "digest", content_digest(tmp_path / "baseline/Format-Serving")
    )
    return baseline


def _flip(folder: Path) -> None:
    data = folder / "variables" / "data"
    found = data.read_bytes()
    data.write_bytes(bytes([found[0] ^ 1]) + found[1:])


DAMAGES = pytest.mark.parametrize(
    "damage",
    [
        _flip,
        lambda folder: (folder / "variables" / "data").unlink(),
        lambda folder: (folder / "variables" / "more").write_bytes(b""),
        lambda folder: (folder / "saved_model.pb").rename(folder / "saved_model.bak"),
        shutil.rmtree,
    ],
    ids=["flip", "delete", "add", "rename", "all"],
)


def test_a_verdict_names_the_bytes_and_the_baseline(
    model: types.Artifact, baseline: types.Artifact
) -> None:
    digest = content_digest(Path(model.uri, "Format-Serving"))
    then = Choice(7, baseline.get_string_custom_property("digest"))
    assert observe(model, baseline) == Subject(digest, then)
    assert observe(model, baseline).keys == {
        "content_digest": digest,
        "baseline": BaselineReference(version=7, digest=then.digest),
    }


def test_without_a_live_version_the_baseline_is_null_and_unwired_there_is_none(
    model: types.Artifact, tmp_path: Path
) -> None:
    empty = standard_artifacts.Model()
    empty.uri = str(tmp_path / "empty")
    assert observe(model, empty).baseline == NONE
    assert observe(model, empty).keys["baseline"] is None
    assert "baseline" not in observe(model).keys


@DAMAGES
def test_a_model_that_is_not_what_was_written_is_damaged(
    model: types.Artifact, damage: Callable[[Path], None]
) -> None:
    damage(Path(model.uri, "Format-Serving"))
    with pytest.raises(
        DamagedError, match=r"The model in .*/Format-Serving is .* run the pipeline"
    ):
        observe(model)


@DAMAGES
def test_a_copy_of_the_baseline_that_is_not_what_was_live_is_damaged(
    model: types.Artifact, baseline: types.Artifact, damage: Callable[[Path], None]
) -> None:
    damage(Path(baseline.uri, "Format-Serving"))
    with pytest.raises(DamagedError, match="copy of baseline version 7"):
        observe(model, baseline)


@DAMAGES
@pytest.mark.parametrize("whose", ["model", "baseline"])
def test_what_changes_while_it_is_judged_has_no_verdict(
    model: types.Artifact, baseline: types.Artifact, whose: str, damage: Callable[[Path], None]
) -> None:
    Path(model.uri, "training.json").unlink()
    subject = observe(model, baseline)
    check_unchanged(subject, model, baseline)
    damage(Path((model if whose == "model" else baseline).uri, "Format-Serving"))
    with pytest.raises(ChangedError, match="changed while they were judged"):
        check_unchanged(subject, model, baseline)


def test_reference_answers_that_are_not_what_was_written_are_damaged(model: types.Artifact) -> None:
    Path(model.uri, "reference", "probabilities.npy").write_bytes(b"0.8")
    with pytest.raises(DamagedError, match="reference answers"):
        observe(model)


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_damaged_record_is_one_sentence(model: types.Artifact, text: str) -> None:
    Path(model.uri, "training.json").write_text(text)
    with pytest.raises(RecordError, match=r"training\.json is damaged: it .*; run"):
        observe(model)


@pytest.mark.parametrize("key", ["baseline", "baseline_model"])
def test_the_cache_key_has_what_would_be_judged(
    model: types.Artifact, baseline: types.Artifact, key: str
) -> None:
    def properties() -> dict[str, str]:
        inputs = {"model": [model], key: [baseline]}
        found = Driver(NO_STORE).run(data_types.ExecutionInfo(input_dict=inputs)).exec_properties
        return {name: value.string_value for name, value in found.items()}

    before = properties()
    assert before == {
        "content_digest": content_digest(Path(model.uri, "Format-Serving")),
        "baseline_digest": baseline.get_string_custom_property("digest"),
    }
    Path(model.uri, "training.json").unlink()
    _flip(Path(model.uri, "Format-Serving"))
    assert properties()["content_digest"] != before["content_digest"]
