"""What people type, and what it names."""

from __future__ import annotations

import pytest

from inspection.history.ids import UnknownIdError, resolve, short
from inspection.store import open_history
from tests.inspection.store_writer import Out, StoreWriter, stock_run


def named(store: StoreWriter, text: str) -> str:
    return short(resolve(open_history(store.root), text))


def test_a_number_that_two_base_paths_have_names_both(store):
    pushed = [
        stock_run(store, name, name, base=f"/bases/{name}", version=version)["pushed_model"]
        for name, version in (
            ("taxi", "1700000001"),
            ("iris", "1700000001"),
            ("taxi", "1700000002"),
        )
    ]
    with pytest.raises(UnknownIdError) as error:
        named(store, "1700000001")
    assert str(error.value) == (
        f"'1700000001' could be a{pushed[0]} (1700000001 in /bases/taxi), "
        f"a{pushed[1]} (1700000001 in /bases/iris); give more of it, or the short id."
    )
    assert named(store, "v1700000002") == f"a{pushed[2]}"


def test_a_version_that_was_found_live_again_is_its_first_push(store):
    first, _ = (
        stock_run(store, "taxi", name, base="/bases/taxi")["pushed_model"] for name in ("1", "2")
    )
    assert named(store, "1700000001") == named(store, "17000") == f"a{first}"


def test_without_runs_there_is_no_latest_but_a_way_on(store):
    store.execution("my.Train", [], outputs={"model": Out("Model")})
    for text in ("latest", "latest~2"):
        with pytest.raises(UnknownIdError, match=r"no runs; .*list executions"):
            named(store, text)
    assert named(store, "Train") == "s1"
