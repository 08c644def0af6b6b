from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.base_path.ledger import (
    LEDGER,
    Entry,
    now,
    published,
    read_ledger,
    record,
    withdrawal_of,
)
from tests.serving.stores import Store

PUBLISH = Entry(
    time="2026-01-01T00:00:00+00:00",
    action="publish",
    version=7,
    live_after=7,
    content_digest="sha256:aa",
)
ROLLBACK = Entry(
    time="2026-01-02T00:00:00+00:00",
    action="rollback",
    version=7,
    live_before=9,
    live_after=7,
    reason="wrong labels",
    withdrawn=(8, 9),
)
PRUNE = Entry(
    time="2026-01-03T00:00:00+00:00",
    action="prune",
    version=9,
    live_before=7,
    live_after=7,
    pruned=(8, 9),
)

numbers = st.integers(0, 2**63 - 1)
entries = st.builds(
    Entry,
    time=st.just(now()),
    action=st.sampled_from(["publish", "confirm", "withdraw", "restore"]),
    version=numbers,
    live_before=st.none() | numbers,
    live_after=st.none() | numbers,
    content_digest=st.none() | st.text(),
    reason=st.none() | st.text(),
)


def test_entries_are_read_in_the_order_in_which_they_were_recorded(tmp_path: Path) -> None:
    for entry in (PUBLISH, ROLLBACK, PRUNE):
        record(tmp_path, entry)
    assert read_ledger(tmp_path) == [PUBLISH, ROLLBACK, PRUNE]


@pytest.mark.medium
@given(st.lists(entries | st.sampled_from([ROLLBACK, PRUNE]), max_size=5))
def test_what_is_recorded_is_read(
    tmp_path_factory: pytest.TempPathFactory, recorded: list[Entry]
) -> None:
    base = tmp_path_factory.mktemp("base")
    for entry in recorded:
        record(base, entry)
    assert read_ledger(base) == recorded


def test_a_base_path_without_a_ledger_has_no_entries(tmp_path: Path) -> None:
    assert read_ledger(tmp_path) == read_ledger(tmp_path / "none") == []


def test_a_line_says_no_more_than_its_action_has_to_say(tmp_path: Path) -> None:
    for entry in (PUBLISH, ROLLBACK, PRUNE):
        record(tmp_path, entry)
    publish, rollback, prune = map(json.loads, (tmp_path / LEDGER).read_text().splitlines())
    assert publish == {
        "format": 1,
        "time": "2026-01-01T00:00:00+00:00",
        "action": "publish",
        "version": 7,
        "live_before": None,
        "live_after": 7,
        "content_digest": "sha256:aa",
        "reason": None,
    }
    assert (rollback["withdrawn"], "pruned" in rollback) == ([8, 9], False)
    assert (prune["pruned"], "withdrawn" in prune) == ([8, 9], False)


def test_lines_of_older_releases_lack_keys(tmp_path: Path) -> None:
    line = '{"time": "T", "action": "publish", "version": 7, "content_digest": "sha256:aa"}\n'
    (tmp_path / LEDGER).write_text(line)
    assert read_ledger(tmp_path) == [
        Entry(time="T", action="publish", version=7, content_digest="sha256:aa")
    ]


@pytest.mark.parametrize("damaged", ["{", "[]", "null", '{"action": "publish"}', "\x00", "1"])
def test_a_damaged_line_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damaged: str
) -> None:
    record(tmp_path, PUBLISH)
    with (tmp_path / LEDGER).open("a") as file:
        file.write(f"{damaged}\n\n")
    record(tmp_path, PRUNE)
    with caplog.at_level(logging.WARNING):
        assert read_ledger(tmp_path) == [PUBLISH, PRUNE]
    [warning] = [record.getMessage() for record in caplog.records]
    assert warning.startswith(f"Passing over {tmp_path / LEDGER}:2: it ")
    assert warning.endswith("; delete that line if it is worth nothing.")


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    record(tmp_path, PUBLISH)
    with (tmp_path / LEDGER).open("a") as file:
        file.write('{"time": "2026')
    record(tmp_path, PRUNE)
    assert read_ledger(tmp_path) == [PUBLISH, PRUNE]


def test_why_a_version_was_withdrawn() -> None:
    again = ROLLBACK.model_copy(
        update={"action": "withdraw", "version": 8, "withdrawn": (), "reason": "x"}
    )
    assert withdrawal_of([PUBLISH, ROLLBACK, PRUNE], 8) == ROLLBACK
    assert withdrawal_of([PUBLISH, ROLLBACK, again], 8) == again
    assert withdrawal_of([PUBLISH, ROLLBACK, PRUNE], 7) is None


@pytest.mark.medium
def test_in_an_object_store_each_entry_is_an_object(store: Store, monkeypatch) -> None:
    base = store.base()
    assert read_ledger(base) == []
    for entry, clock in ((PUBLISH, 3_000), (ROLLBACK, 2_000), (PRUNE, 1_000)):
        monkeypatch.setattr(time, "time_ns", lambda clock=clock: clock)
        record(base, entry)
    # Of machines whose clocks disagree, too.
    assert read_ledger(base) == [PUBLISH, ROLLBACK, PRUNE]
    assert published(base) == {7}
