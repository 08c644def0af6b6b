"""A whole run where every path and the environment are odd: right results, or one sentence."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.example_gen import inputs
from tests.e2e.clone import LITTLE, REPOSITORY, Clone, clone_sources

pytestmark = pytest.mark.slow

SAMPLE = REPOSITORY / "configs" / "fashion_mnist_sample"
ODD = "a b'\"#%:@,é~$x{1}]"
# What is asked here is not how good a model is, nor how fast this machine while other tests run.
PATIENT = (
    *LITTLE,
    *("--set", "serving_check.p50_ms=1e4", "--set", "serving_check.p99_ms=1e4"),
    *("--set", "serving_check.first_request_ms=1e4", "--set", "serving_check.load_seconds=200"),
    *("--set", "serving_check.switch_seconds=100", "--set", "serving_check.growth_percent=100"),
)


def _negative(folder: Path) -> None:
    """Other images, so that whoever reads them trains another model on other examples."""
    for file in folder.glob("*images*"):
        raw = gzip.decompress(file.read_bytes())
        file.write_bytes(gzip.compress(raw[:16] + bytes(255 - value for value in raw[16:])))


@pytest.mark.extended
def test_a_run_reads_and_writes_where_it_was_told_to(tmp_path: Path):
    data, neighbour = tmp_path / "data [1]", tmp_path / "data 1"
    for folder in (data, neighbour):
        shutil.copytree(SAMPLE, folder)
    _negative(neighbour)
    base_path = tmp_path / f"base {ODD}" / "fm"
    scratch = tmp_path / f"scratch {ODD}"
    scratch.mkdir()
    where = tmp_path / "here"
    where.mkdir()
    clone = clone_sources(REPOSITORY, tmp_path / f"clone {ODD}")
    root = tmp_path / ODD
    done = subprocess.run(
        [
            *(sys.executable, clone.source / "local_runner.py", "--json", *PATIENT),
            *("--config", clone.source / "configs" / "quick.yaml", "--root", root),
            *("--set", f"data.folder='{data}'", "--set", "data.source=auto"),
            *("--set", f"push.base_path={json.dumps(str(base_path))}"),
        ],
        cwd=where,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(clone.source),
            "TMPDIR": str(scratch),
            "XDG_CACHE_HOME": "~",
            "TZ": "Nowhere/At_all",
            "http_proxy": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        timeout=900,
        preexec_fn=lambda: os.umask(0o077) and None,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert summary["outcome"] == "pushed"
    assert os.listdir(base_path / str(summary["version"]))
    provenance = base_path / str(summary["version"]) / "assets.extra" / "provenance.json"
    patterns = {split.name: split.pattern for split in inputs.default_input_config().splits}
    expected = inputs.fingerprint(inputs.find_pairs(str(data), patterns))
    assert json.loads(provenance.read_text())["data"]["fingerprint"] == expected
    assert summary["data"]["examples"] == {"train": 1350, "eval": 400, "test": 500}
    # No folder called ~, and no others.
    assert os.listdir(where) == []


def test_a_root_that_tfx_would_take_for_a_pattern_is_refused(empty_clone: Clone, tmp_path: Path):
    root = tmp_path / "root [1]"
    done = dataclasses.replace(empty_clone, root=root).run()
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith(f"--root {tmp_path}/root")
    assert done.err.count("\n") == 1
    assert "TFX takes the paths of artifacts for patterns" in done.err
    assert not root.exists()


@pytest.mark.parametrize(
    ("overrides", "code", "said"),
    [
        (["beam.args=[--direct_num_worker=2]"], 2, "did you mean --direct_num_workers?"),
        (["training.batch_size=2000"], 2, "`training.batch_size` = 2000 is more than the 1350"),
        (["schema_file=configs/quick.yaml"], 2, "is no schema in protobuf text"),
    ],
)
def test_what_is_known_at_the_start_is_said_before_the_first_node(
    empty_clone: Clone, overrides: list[str], code: int, said: str
):
    done = empty_clone.run_warm(*(part for override in overrides for part in ("--set", override)))
    assert done.code == code, done.out + done.err
    assert said in done.err
    assert "Traceback" not in done.out + done.err
    assert "ExampleGen" not in done.out
    assert not (empty_clone.root / "artifacts").exists()


def test_a_lost_store_stops_the_run_and_its_mend_mends(empty_clone: Clone):
    first = empty_clone.run_warm("--to", "ExampleGen")
    assert first.code == 0, first.out + first.err
    (empty_clone.root / "metadata.db").unlink()
    stopped = empty_clone.run_warm("--to", "ExampleGen")
    assert stopped.code == 1
    assert "Traceback" not in stopped.out + stopped.err
    [line] = [line for line in stopped.out.splitlines() if "mv " in line]
    subprocess.run(line.rpartition("after: ")[2], shell=True, check=True, cwd=empty_clone.source)
    again = empty_clone.run_warm("--to", "ExampleGen", "--json")
    assert again.ran == ["ExampleGen"]
