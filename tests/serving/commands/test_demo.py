"""What the demo page says of a version whose documents are damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from documents.provenance import Provenance
from serving.commands.demo import described_in
from tests.documents.mangled import CONTENTS, mangle

LABELS = b'{"format": 1, "labels": ["Top", "Trouser"]}'


def version(base: Path) -> Path:
    path = base / "3" / Provenance.FILE
    path.parent.mkdir(parents=True)
    (base / "3" / "saved_model.pb").touch()
    path.write_bytes(LABELS)
    return path


def test_labels_come_from_the_provenance_or_there_are_none(tmp_path: Path) -> None:
    path, described = version(tmp_path), described_in(str(tmp_path))
    assert described(3).labels == ("Top", "Trouser")
    assert described(4).labels == ()
    for wrong in CONTENTS.values():
        path.write_bytes(wrong)
        assert described(3).labels == ()


@pytest.mark.medium
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=mangle(LABELS))
def test_mangled_labels_are_names_or_none(content: bytes, tmp_path_factory) -> None:
    base = tmp_path_factory.mktemp("base")
    version(base).write_bytes(content)
    assert all(isinstance(label, str) for label in described_in(str(base))(3).labels)
