from __future__ import annotations

import hashlib
import logging
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.hub.cache import ContentError, ModuleCache, content_digest

DIGEST = hashlib.sha256(b"archive").hexdigest()


def write_module(folder: Path) -> Path:
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    return folder


def add_module(cache: ModuleCache) -> Path:
    with cache.incoming() as folder:
        return cache.add(write_module(folder / "unpacked"), DIGEST)


def test_added_module_is_found_with_its_files(tmp_path: Path) -> None:
    cache = ModuleCache(tmp_path / "not" / "there" / "yet")
    assert cache.find(DIGEST) is None
    path = add_module(cache)
    assert cache.find(DIGEST) == path
    assert (path / "variables/variables.index").read_bytes() == b"index"


def test_incoming_folder_goes_away_on_failure(tmp_path: Path) -> None:
    def fetch_and_fail() -> None:
        with ModuleCache(tmp_path).incoming() as folder:
            write_module(folder / "unpacked")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_and_fail()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_cleared_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / ".incoming-old", tmp_path / ".incoming-young"
    for folder in (old, young):
        write_module(folder)
    yesterday = time.time() - 25 * 60 * 60
    os.utime(old, (yesterday, yesterday))
    with ModuleCache(tmp_path).incoming():
        assert young.exists()
        assert not old.exists()


@pytest.mark.parametrize(
    "harm",
    [
        lambda entry: (entry / "module/variables/variables.index").write_bytes(b"other"),
        lambda entry: (entry / "module/variables/variables.index").write_bytes(b""),
        lambda entry: (entry / "module/variables/variables.index").unlink(),
        lambda entry: (entry / "module/added").write_bytes(b""),
        lambda entry: (entry / "module/link").symlink_to("/etc"),
        lambda entry: (entry / "module").rename(entry / "moved"),
        lambda entry: (entry / "SHA256SUMS").unlink(),
    ],
    ids=["altered", "emptied", "removed", "added", "linked", "moved", "no manifest"],
)
def test_harmed_module_is_not_found_and_is_replaced(
    tmp_path: Path, harm: object, caplog: pytest.LogCaptureFixture
) -> None:
    cache = ModuleCache(tmp_path)
    path = add_module(cache)
    assert callable(harm)
    harm(path.parent)
    with caplog.at_level(logging.WARNING):
        assert cache.find(DIGEST) is None
    assert "was changed or cut short" in caplog.text
    assert cache.find(DIGEST) is None
    assert add_module(cache) == path
    assert cache.find(DIGEST) == path
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([".lock", DIGEST])


def test_many_adding_at_once_all_get_the_module(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(add_module, [ModuleCache(tmp_path)] * 16))
    assert len(set(paths)) == 1
    assert ModuleCache(tmp_path).find(DIGEST) == paths[0]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([".lock", DIGEST])


def test_content_digest_can_be_recomputed_with_coreutils(tmp_path: Path) -> None:
    module = write_module(tmp_path / "module")
    (module / "a name").write_text("with a blank")
    page = (Path(__file__).parents[3] / "docs" / "hub.md").read_text()
    [command] = re.findall(r"^cd encoder && (find .*)$", page, re.MULTILINE)
    shell = subprocess.run(
        command, shell=True, cwd=module, capture_output=True, text=True, check=True
    )
    assert shell.stdout.split()[0] == content_digest(module)


def test_content_digest_sees_names_and_bytes_but_not_times(tmp_path: Path) -> None:
    first, second = write_module(tmp_path / "first"), write_module(tmp_path / "second")
    os.utime(second / "saved_model.pb", (1, 1))
    assert content_digest(first) == content_digest(second)
    (second / "variables/variables.index").rename(second / "variables/other")
    assert content_digest(first) != content_digest(second)


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_content_digest_refuses_links(tmp_path: Path, make: object) -> None:
    module = write_module(tmp_path / "module")
    assert callable(make)
    make(tmp_path / "elsewhere")
    (module / "assets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ContentError, match="'assets', which is no plain file"):
        content_digest(module)


def test_content_digest_refuses_names_that_look_like_a_second_line(tmp_path: Path) -> None:
    module = write_module(tmp_path / "module")
    (module / f"a\n{DIGEST}  b").touch()
    with pytest.raises(ContentError):
        content_digest(module)
