"""Whether the files of an artifact still are what was written."""

import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.local.nodes.contents import Contents
from tests.pipeline.local.nodes.noted import record

NAMES = st.sampled_from(["a", "b", "sub/c", "sub/d"])
FILES = st.dictionaries(NAMES, st.binary(max_size=4))


def _write(uri: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(uri, ignore_errors=True)
    uri.mkdir(parents=True)
    for name, content in files.items():
        (uri / name).parent.mkdir(exist_ok=True)
        (uri / name).write_bytes(content)


@pytest.mark.medium
@given(written=FILES, found=FILES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_difference_is_told_and_nothing_else(tmp_path: Path, written, found) -> None:
    uri = tmp_path / "Node" / "output" / "7"
    _write(uri, written)
    recorded = record(uri, Contents())
    _write(uri, found)
    damage = Contents().damage(str(uri), recorded)
    expected = {
        *(f"{name} is missing" for name in written.keys() - found.keys()),
        *(f"{name} was added" for name in found.keys() - written.keys()),
        *(
            f"{name} changed"
            for name in written.keys() & found.keys()
            if written[name] != found[name]
        ),
    }
    assert set(damage.changes if damage else ()) == expected
    assert (damage is None) == (written == found)


@pytest.fixture
def uri(tmp_path: Path) -> Path:
    uri = tmp_path / "Trainer" / "model" / "6"
    _write(uri, dict.fromkeys("abcdef", b"x"))
    return uri


def test_a_long_list_is_cut_short(uri: Path) -> None:
    recorded = record(uri, Contents())
    shutil.rmtree(uri)
    assert str(Contents().damage(str(uri), recorded)) == (
        f"what Trainer wrote to {uri} is damaged: a is missing, b is missing, c is missing, 3 more"
    )


@pytest.mark.parametrize("text", [None, "{", "[]", "{}", "[" * 100_000])
def test_without_the_list_the_damage_is_found_all_the_same(uri: Path, text: str | None) -> None:
    recorded = record(uri, Contents())
    [listed] = uri.parents[1].glob(".system/files/model/*")
    listed.unlink() if text is None else listed.write_text(text)
    assert Contents().damage(str(uri), recorded) is None
    (uri / "a").write_bytes(b"y")
    assert str(Contents().damage(str(uri), recorded)).endswith("is damaged: its files changed")


def test_the_same_process_reads_files_again_only_when_they_were_touched(uri: Path) -> None:
    contents = Contents()
    recorded = record(uri, contents)
    file = uri / "a"
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_bytes(b"y")
    assert contents.damage(str(uri), recorded)
    file.write_bytes(b"x")
    assert contents.damage(str(uri), recorded) is None
    file.write_bytes(b"y")
    os.utime(file, ns=times)
    assert Contents().damage(str(uri), recorded)


@pytest.mark.medium
def test_a_hundred_megabytes_cost_less_than_the_limit(tmp_path: Path) -> None:
    uri = tmp_path / "ExampleGen" / "examples" / "1"
    _write(uri, dict.fromkeys("abcd", b"0" * 25000000))
    start = time.process_time()
    recorded = record(uri, Contents())
    assert Contents().damage(str(uri), recorded) is None
    assert time.process_time() - start < 5
