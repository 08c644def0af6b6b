"""What a base path holds, whoever put it there and however it is named, stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inspection.collected import collected, offered
from tests.inspection.questions.test_garbage import three_runs
from tests.inspection.store_writer import StoreWriter, publish, stock_run


@pytest.fixture
def store(memory_path: Path) -> StoreWriter:
    return StoreWriter(memory_path / "root")


def test_a_version_in_a_base_path_of_nobody_may_be_of_any_run(store):
    three_runs(store, store.root / "serving" / "taxi")
    assert offered(store.root)
    base = store.root / "serving" / "by_hand"
    publish(base, "1")
    answer = collected(store.root)
    assert offered(store.root) == set()
    assert f"what version 1 in {base} was made from" in answer["answer"]


@pytest.mark.parametrize("name", ["saved_model.pb", "variables", "assets.extra"])
def test_what_a_served_version_links_to_stays(store, name):
    base = store.root / "serving" / "taxi"
    _, refused, _ = three_runs(store, base)
    assert refused["model"] in offered(store.root)
    [model] = store.client.get_artifacts_by_id([refused["model"]])
    (base / "1700000001" / name).unlink(missing_ok=True)
    (base / "1700000001" / name).symlink_to(Path(model.uri) / "content")
    assert offered(store.root) == set(refused.values()) - {refused["model"]}


@pytest.mark.parametrize("scheme", ["file://", "file://localhost"])
def test_a_base_path_that_is_written_as_an_address_is_at_hand(store, scheme):
    base = store.root / "serving" / "taxi"
    pushed = stock_run(store, "taxi", "1", base=f"{scheme}{base}", version="7")
    publish(base, "7")
    for name in ("2", "3"):
        refused = stock_run(store, "taxi", name, base=f"{scheme}{base}", blessed=False)
    assert len(offered(store.root)) == len(refused)
    assert not {*pushed.values(), *refused.values()} & offered(store.root)
