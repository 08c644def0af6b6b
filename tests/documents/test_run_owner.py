"""Whether the process of a run is gone: asked here, and by the lease for other machines."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.run_owner import LEASE_SECONDS, OWNER, RunOwner

NOW = 1_700_000_000.0


def test_this_process_is_at_work_whatever_its_lease_says(tmp_path: Path) -> None:
    owner = RunOwner.this(tmp_path)
    assert RunOwner.of({OWNER: owner.as_text()}) == owner
    assert owner.is_here()
    assert not owner.is_gone(None)
    assert not owner.is_gone(NOW - 10 * LEASE_SECONDS, NOW)


def test_a_process_that_ended_or_whose_number_was_used_again_is_gone(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from documents.run_owner import RunOwner;"
        f"print(RunOwner.this(Path({str(tmp_path)!r})).as_text())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    ended = RunOwner.of({OWNER: done.stdout})
    assert ended
    assert ended.is_here()
    assert ended.is_gone(NOW, NOW)
    reused = dataclasses.replace(RunOwner.this(tmp_path), started="another time")
    assert reused.is_gone(NOW, NOW)


@pytest.mark.parametrize("change", [{"host": "another"}, {"boot": "another"}])
def test_a_process_elsewhere_is_known_by_its_lease(tmp_path: Path, change: dict[str, Any]) -> None:
    owner = dataclasses.replace(RunOwner.this(tmp_path), **change)
    assert not owner.is_gone(NOW, NOW)
    assert not owner.is_gone(NOW - LEASE_SECONDS, NOW)
    assert owner.is_gone(NOW - LEASE_SECONDS - 1, NOW)
    assert owner.is_gone(None, NOW)


def test_a_folder_is_one_whatever_its_machine_is_called_and_its_copy_another(
    tmp_path: Path,
) -> None:
    owner = RunOwner.this(tmp_path, "a place")
    renamed = dataclasses.replace(owner, host="another", boot=f"{owner.boot} of a container")
    assert renamed.has_lock_of(owner)
    assert renamed.has_files_of(owner)
    mounted = dataclasses.replace(owner, root="/elsewhere")
    assert mounted.has_lock_of(owner)
    assert mounted.has_files_of(owner)
    # A kernel knows of no other one's locks.
    there = dataclasses.replace(renamed, boot="another")
    assert not there.has_lock_of(owner)
    assert there.has_files_of(owner)
    copy = dataclasses.replace(renamed, place="a copy")
    assert not copy.has_lock_of(owner)
    assert not copy.has_files_of(owner)


def test_a_run_of_an_older_release_is_known_by_its_path(tmp_path: Path) -> None:
    owner = RunOwner.this(tmp_path, "a place")
    text = json.loads(owner.as_text())
    del text["place"]
    older = RunOwner.of({OWNER: json.dumps({**text, "added": "later"})})
    assert older == dataclasses.replace(owner, place="")
    assert older.has_lock_of(owner)
    assert older.has_files_of(owner)
    renamed = dataclasses.replace(older, host="another")
    assert not renamed.has_lock_of(owner)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.medium
@given(JSON | st.fixed_dictionaries(dict.fromkeys(("host", "boot", "pid", "root"), JSON)))
def test_whatever_else_stands_there_is_nobody(value: object) -> None:
    assert RunOwner.of({OWNER: json.dumps(value)}) is None
    assert RunOwner.of({OWNER: value}) is None
