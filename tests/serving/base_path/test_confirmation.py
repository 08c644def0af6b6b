from __future__ import annotations

import logging
from pathlib import Path

import pytest

from serving.base_path.confirmation import record_confirmation
from serving.base_path.ledger import LEDGER, read_ledger
from serving.base_path.versions import Version, publish
from serving.base_path.withdrawal import rollback


@pytest.fixture
def version(tmp_path: Path) -> Version:
    """The newer one of two."""
    for number in (1, 2):
        model = tmp_path / f"model-{number}"
        model.mkdir()
        (model / "saved_model.pb").write_bytes(bytes([number]))
        version = publish(model, tmp_path / "base", version=number)
    return version


def test_the_ledger_says_who_serves_a_version(version: Version):
    base = Path(version.path).parent
    record_confirmation(version, "http://serving:8501", "sha256:aa")
    entry = read_ledger(base)[-1]
    assert (entry.action, entry.version, entry.content_digest) == ("confirm", 2, "sha256:aa")
    assert (entry.live_before, entry.live_after) == (2, 2)
    assert entry.reason == "confirmed by http://serving:8501"


def test_a_version_that_was_rolled_back_meanwhile_is_not_live(version: Version):
    base = Path(version.path).parent
    rollback(base)
    record_confirmation(version, "http://serving:8501", "sha256:aa")
    assert read_ledger(base)[-1].live_after == 1


def test_a_ledger_that_cannot_be_written_is_a_warning(
    version: Version, caplog: pytest.LogCaptureFixture
):
    ledger = Path(version.path).parent / LEDGER
    ledger.unlink()
    ledger.mkdir()
    with caplog.at_level(logging.WARNING):
        record_confirmation(version, "http://serving:8501", "sha256:aa")
    assert [record.message.split(":")[0] for record in caplog.records] == ["No line in the ledger"]
