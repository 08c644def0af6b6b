"""Whose numbers the folders below a pipeline root in a bucket have."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.local.store.claim import ClaimedError, claim, is_claimed
from tests.serving.stores import Store

pytestmark = pytest.mark.slow  # starts servers

SHARED = "mysql://me@db:3306/metadb"


@pytest.fixture(params=["bucket", "s3"])
def store(request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def root(store: Store) -> str:
    return store.pipeline_root()


def test_it_is_that_of_the_store_which_claimed_it_first(root: str, tmp_path: Path) -> None:
    ours, other = tmp_path / "a" / "metadata.db", tmp_path / "b" / "metadata.db"
    assert not is_claimed(root, ours)
    claim(root, ours)
    assert is_claimed(root, ours)
    claim(root, ours)  # another run of the same ROOT, at the same moment
    for ask in (is_claimed, claim):
        with pytest.raises(
            ClaimedError, match=f"in a metadata store of their own, in {ours.parent} on "
        ):
            ask(root, other)
    with pytest.raises(
        ClaimedError, match=r"have both record in one .* named in `metadata\.store`"
    ):
        is_claimed(root, SHARED)


def test_one_that_several_share_has_other_names_elsewhere(root: str, tmp_path: Path) -> None:
    claim(root, SHARED)
    assert is_claimed(root, "mysql://me@10.0.0.1:3306/metadb")
    with pytest.raises(ClaimedError, match=r"mysql://me@db:3306/metadb, .* name it in"):
        claim(root, tmp_path / "metadata.db")


def test_of_several_at_once_one_has_it(root: str, tmp_path: Path) -> None:
    def tried(name: str) -> bool:
        try:
            claim(root, tmp_path / name / "metadata.db")
        except ClaimedError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(tried, "abcd")) == [False, False, False, True]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", json.dumps({"where": 1}).encode()])
def test_what_says_nothing_is_written_anew_and_keeps_others_out_again(
    store: Store, root: str, tmp_path: Path, content: bytes
) -> None:
    store.write(f"{root}/.store.json", content)
    ours = tmp_path / "metadata.db"
    assert not is_claimed(root, ours)
    claim(root, ours)
    assert is_claimed(root, ours)
    with pytest.raises(ClaimedError):
        claim(root, SHARED)


def test_a_folder_of_this_machine_has_its_store_beside_it(tmp_path: Path) -> None:
    assert is_claimed(str(tmp_path / "artifacts"), tmp_path / "metadata.db")
    assert not [*tmp_path.iterdir()]
