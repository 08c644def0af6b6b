"""Labels in another order than the live version's are told before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.features import Features, Label
from documents.saved_model import EXTRA, SAVED_MODEL
from documents.writer import write
from models.labels.classes.kind import Classes
from models.labels.kind import LabelKind
from models.labels.number.kind import NumberLabel
from models.labels.tags.kind import Tags
from pipeline.preflight.live_labels import check_live_labels
from pipeline.settings import SettingsError


def live(base: Path, number: int, *names: str) -> None:
    """A version as far as this looks at it."""
    folder = base / str(number)
    (folder / EXTRA).mkdir(parents=True)
    (folder / SAVED_MODEL).write_bytes(b"")
    label = Label(name="y", kind="classes", values=names)
    write(Features(features=(), label=label), str(folder / EXTRA / Features.FILE))


def classes(*names: str) -> Classes:
    return Classes(name="y", kind="classes", values=list(names))


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (classes("b", "a"), "label 0 is 'b' and was 'a'"),
        (classes("a", "c"), "label 1 is 'c' and was 'b'"),
        (classes("new", "a", "b", "c"), "label 0 is 'new' and was 'a'"),
        (
            Classes(name="y", kind="classes", values={"1": "c", "2": "a", "3": "b"}),
            "label 0 is 'c' and was 'a'",
        ),
        (Tags(name="y", kind="tags", values=["a", "c", "b"]), "label 1 is 'c' and was 'b'"),
    ],
)
def test_a_label_at_anothers_place_is_refused(tmp_path: Path, label: LabelKind, said: str):
    live(tmp_path, 3, "a", "b", "c")
    with pytest.raises(SettingsError) as caught:
        check_live_labels(label, str(tmp_path))
    message = str(caught.value)
    assert message.startswith(
        f"Setting `label.values` is in another order than that of live version 3: {said}, "
    )
    assert message.endswith("or set push.base_path to another folder.")


@pytest.mark.parametrize(
    "label",
    [
        classes("a", "b", "c"),
        classes("a", "b", "c", "d"),
        classes("a", "b"),
        classes("A", "b", "c"),
        NumberLabel(name="y", kind="number"),
    ],
)
def test_what_the_serving_check_takes_is_taken(tmp_path: Path, label: LabelKind):
    live(tmp_path, 3, "a", "b", "c")
    check_live_labels(label, str(tmp_path))


def test_only_the_live_version_counts(tmp_path: Path):
    check_live_labels(classes("b", "a"), str(tmp_path / "nothing"))
    live(tmp_path, 3, "a", "b")
    live(tmp_path, 5, "b", "a")
    check_live_labels(classes("b", "a"), str(tmp_path))
    with pytest.raises(SettingsError, match="of live version 5"):
        check_live_labels(classes("a", "b"), str(tmp_path))


def test_a_version_of_another_tool_tells_nothing(tmp_path: Path):
    live(tmp_path, 3, "a", "b")
    (tmp_path / "3" / EXTRA / Features.FILE).unlink()
    check_live_labels(classes("b", "a"), str(tmp_path))
