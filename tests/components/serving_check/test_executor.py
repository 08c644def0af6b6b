"""The check of real candidates on the real embedded server."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2
from tfx.components.util import model_utils

from components.serving_check import executor
from components.serving_check.control import MachineError
from components.serving_check.reference import MissingReferenceError
from components.serving_check.report import parse_report
from components.serving_check.run_checks import CORRECTNESS, run_checks
from components.serving_check.served import Served
from serving.launch import LaunchError, UnavailableError
from tests.components.serving_check.bench import (
    EXAMPLES,
    TEST_EXAMPLES,
    WEIGHTS,
    WRONG_LABELS,
    Bench,
    Checked,
    make_bench,
    save_model,
)

pytestmark = pytest.mark.slow


ROWS = {
    "loads",
    "first request",
    "signatures",
    "graph",
    "parity",
    "outputs",
    "sizes",
    "paths",
    "encodings",
    "inputs",
    "steady answers",
    "warm-up",
    "malformed requests",
    "latency p50",
    "latency p99",
    "memory",
    "memory growth",
    "hot swap",
    "rollback",
    "partial copies",
    "memory, both versions",
}
"""Of a check without a live version."""


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    # Such as the interpreter that tests of whole runs share.
    others = set(psutil.Process().children())
    yield
    # Files there are AutoGraph's, from tracing the test's own model.
    left = {path.name for path in scratch.iterdir() if path.is_dir()}
    # Newer TensorFlow loads generated code from the same folder.
    assert left <= {"__pycache__"}
    assert set(psutil.Process().children()) <= others


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.mark.extended
def test_a_good_candidate_is_blessed_with_its_evidence(bench: Bench):
    save_model(bench.saved_model)
    checked = bench.check(data_source="sample")
    assert (checked.blessed, checked.reason) == (1, "")
    assert model_utils.is_infra_validated(checked.blessing)
    assert bench.path("blessing", "INFRA_BLESSED").exists()
    assert not bench.path("blessing", "INFRA_NOT_BLESSED").exists()
    assert set(checked.rows) == ROWS
    assert all(row["ok"] for row in checked.rows.values())

    verdict = checked.verdict
    assert verdict["backend"] == "embedded"
    assert 0 < verdict["latency_ms"]["p50"] <= verdict["latency_ms"]["p99"]
    assert verdict["test_examples"] == TEST_EXAMPLES
    assert verdict["test_accuracy"] == 1 - WRONG_LABELS / TEST_EXAMPLES

    report = parse_report(bench.path("report", "report.json").read_text())
    assert report.parity
    warmed_up = _warmed_up_signatures(bench)
    assert [parity.signature for parity in report.parity] == [
        *warmed_up,
        *(f"{name} over gRPC" for name in warmed_up),
    ]
    assert all(len(parity.ratios) == EXAMPLES for parity in report.parity)
    assert report.malformed
    assert len(report.malformed) >= 20
    assert report.data_source == "sample"
    page = bench.path("report", "report.html").read_text()
    assert "Passed" in page
    assert "bundled sample" in page
    assert checked.report.get_int_custom_property("blessed") == 1
    assert checked.report.get_string_custom_property("backend") == "embedded"


@dataclasses.dataclass(frozen=True)
class Lean:
    """A check, beside a live version, of a candidate with its own warm-up file, of which few
    examples were held out and none to test."""

    checked: Checked
    before: dict[str, bytes]
    """What the candidate's files held."""
    after: dict[str, bytes]


@pytest.fixture(scope="module")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Lean:
    bench = make_bench(tmp_path_factory.mktemp("lean"))
    # Another model, so that clients can tell the two apart.
    save_model(bench.path("baseline", "Format-Serving"), weights=WEIGHTS[:, ::-1].copy())
    save_model(bench.saved_model)
    own = bench.saved_model / "assets.extra" / "tf_serving_warmup_requests"
    own.parent.mkdir()
    own.write_bytes(b"the candidate's own")
    before = _contents(bench.saved_model)
    bench.held_out = EXAMPLES
    checked = bench.check(splits=("train", "eval"), parity_examples=10_000)
    return Lean(checked, before, _contents(bench.saved_model))


@pytest.mark.extended
def test_a_crash_that_does_not_come_again_is_the_machines(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    """Somebody sends the first server a signal that a model could have brought about as well."""
    save_model(bench.saved_model)
    pids: list[int] = []

    def killed_once(served: Served) -> Any:
        pids.append(served.server.pid)
        if len(pids) == 1:
            os.kill(served.server.pid, signal.SIGSEGV)
        return run_checks(served, CORRECTNESS[:1])

    monkeypatch.setattr(executor, "run_checks", killed_once)
    with pytest.raises(MachineError, match=r"SIGSEGV.*did not bring that about. Nobody is refused"):
        bench.check(splits=())
    assert len({*pids}) == 2


@pytest.mark.extended
def test_parity_may_rest_on_all_examples_where_few_were_held_out(lean: Lean):
    assert (lean.checked.blessed, lean.checked.reason) == (1, "")
    assert lean.checked.rows["parity"]["expected"].endswith("on at least 256 examples")


def test_without_a_test_split_there_is_no_accuracy(lean: Lean):
    assert lean.checked.blessed
    assert "test_accuracy" not in lean.checked.verdict


def test_the_candidate_itself_is_never_changed(lean: Lean):
    assert lean.checked.blessed
    assert lean.after == lean.before


def test_beside_a_live_version_it_is_compared_and_swapped_in(lean: Lean):
    rows = lean.checked.rows
    assert lean.checked.blessed, lean.checked.reason
    assert ROWS | {"compatibility", "latency p99 against live"} <= set(rows)
    assert all(row["ok"] for row in rows.values())
    assert "0 failed, live after" in rows["hot swap"]["found"]
    assert "0 failed, live after" in rows["rollback"]["found"]


@pytest.mark.extended
def test_a_candidate_that_lost_a_signature_of_the_live_version_is_refused(bench: Bench):
    save_model(bench.path("baseline", "Format-Serving"))
    save_model(bench.saved_model, without="image_bytes")
    rows = bench.check().rows
    assert rows["compatibility"]["found"] == "signature image_bytes is gone"


@pytest.mark.extended
def test_a_missing_signature_is_refused(bench: Bench):
    save_model(bench.saved_model, without="image_bytes")
    checked = bench.check()
    _assert_refused(checked, "signatures", "no signature image_bytes")
    assert not model_utils.is_infra_validated(checked.blessing)
    assert bench.path("blessing", "INFRA_NOT_BLESSED").exists()
    assert checked.reason in bench.path("report", "report.html").read_text().replace("&#34;", '"')
    assert not checked.rows["warm-up"]["ok"]


@pytest.mark.extended
def test_a_graph_that_answers_otherwise_than_the_trained_model_is_refused(bench: Bench):
    weights = WEIGHTS.copy()
    weights[:, 3] += 0.001
    save_model(bench.saved_model, weights=weights)
    checked = bench.check()
    _assert_refused(checked, "parity", "× tolerance", "256 examples")
    held = {"loads", "signatures", "graph", "latency p50", "latency p99"}
    assert [name for name in held & set(checked.rows) if not checked.rows[name]["ok"]] == []
    wrong = {"parity", "outputs", "sizes", "paths", "inputs", "steady answers", "warm-up"}
    assert [name for name in wrong if checked.rows[name]["ok"]] == []


@pytest.mark.extended
def test_a_model_without_its_variables_is_refused(bench: Bench):
    save_model(bench.saved_model)
    (bench.saved_model / "variables" / "variables.index").unlink()
    _assert_refused(bench.check(), "loads", "Format-Serving/variables/variables.index is missing")


@pytest.mark.extended
def test_a_truncated_model_is_refused(bench: Bench):
    save_model(bench.saved_model)
    file = bench.saved_model / "saved_model.pb"
    file.write_bytes(file.read_bytes()[:-1000])
    _assert_refused(bench.check(), "loads", "Can't parse Format-Serving/saved_model.pb")


def test_a_folder_without_a_model_is_refused(bench: Bench):
    bench.saved_model.mkdir()
    _assert_refused(bench.check(), "loads", "Could not find SavedModel")


@pytest.mark.extended
def test_a_budget_that_is_exceeded_is_refused(bench: Bench):
    save_model(bench.saved_model)
    checked = bench.check(p50_ms=0.001, p99_ms=0.001)
    _assert_refused(checked, "latency p50", "≤ 0.001 ms", "1 more check fails")
    assert checked.rows["parity"]["ok"]


@pytest.mark.extended
def test_a_candidate_that_kills_its_server_is_refused(bench: Bench):
    def abort_on_a_full_batch(answer: tf.Tensor) -> tf.Tensor:
        def abort() -> tf.Tensor:
            with tf.control_dependencies([tf.raw_ops.Abort(error_msg="the kernel gave up")]):
                return tf.identity(answer)

        return tf.cond(tf.shape(answer)[0] == 128, abort, lambda: tf.identity(answer))

    save_model(bench.saved_model, before_answer=abort_on_a_full_batch)
    checked = bench.check()
    assert not checked.blessed
    assert not checked.rows["graph"]["ok"]
    assert "the server died" in checked.rows["parity"]["found"]
    assert "the kernel gave up" in checked.rows["parity"]["found"]
    assert list(checked.rows) == [
        *("loads", "signatures", "graph", "parity"),
        *("first request", "latency p50", "latency p99"),
    ]


def test_a_model_without_a_reference_is_an_error_that_says_what_is_missing(tmp_path: Path):
    bench = Bench(tmp_path)
    save_model(bench.saved_model)
    with pytest.raises(MissingReferenceError, match=r"reference/examples\.tfrecord; have run_fn"):
        bench.check()


def test_labels_that_nobody_wrote_down_are_an_error_that_says_so(bench: Bench):
    save_model(bench.saved_model)
    bench.path("model", "reference", "questions.json").unlink()
    with pytest.raises(MissingReferenceError, match=r"list of labels to hold label of image_bytes"):
        bench.check()


@pytest.mark.extended
def test_a_broken_test_split_is_an_error_and_stops_the_server(bench: Bench):
    save_model(bench.saved_model)
    [file] = bench.path("examples", "Split-test").iterdir()
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(MachineError, match=r"truncated record .* Nobody is refused for that"):
        bench.check()


def _assert_refused(checked: Checked, name: str, *words: str) -> None:
    assert checked.blessed == 0
    assert checked.reason.startswith(f"ServingCheck: {name}: expected ")
    assert checked.reason.endswith(".")
    assert "\n" not in checked.reason
    for word in words:
        assert word in checked.reason
    assert checked.verdict["reason"] == checked.reason
    assert not checked.rows[name]["ok"]


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _warmed_up_signatures(bench: Bench) -> list[str]:
    """The signatures of the warm-up file, in order of appearance."""
    file = bench.path("blessing", "tf_serving_warmup_requests")
    logs = [
        prediction_log_pb2.PredictionLog.FromString(record.numpy())
        for record in tf.data.TFRecordDataset(str(file))
    ]
    return list(dict.fromkeys(log.predict_log.request.model_spec.signature_name for log in logs))


def test_a_broken_installation_is_an_error_and_refuses_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    save_model(bench.saved_model)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec env -u PYTHONPATH {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(LaunchError, match="ended with exit code 1 before") as caught:
        bench.check(backend="embedded")
    assert not isinstance(caught.value, UnavailableError)


def test_a_backend_that_is_demanded_and_missing_is_an_error(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    save_model(bench.saved_model)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LaunchError, match="no tensorflow_model_server on PATH; install"):
        bench.check(backend="tensorflow_model_server")
