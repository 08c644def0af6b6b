"""The Evaluator with real models: what it blesses, what it refuses, and what is an error."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics

from components.evaluator.executor import UnfitBaselineError
from components.subject import ChangedError, DamagedError
from models.labels.classes.kind import Classes
from serving.base_path.content import content_digest

sys.path.insert(0, str(Path(__file__).parent))
import bench as benches

pytestmark = pytest.mark.slow

ACCURACY = {"metric": "SparseCategoricalAccuracy"}
LOSS = {"metric": "SparseCategoricalCrossentropy", "higher_is_better": False}


@pytest.fixture
def bench(tmp_path: Path) -> benches.Bench:
    return benches.Bench(tmp_path)


def test_a_good_model_is_blessed_and_the_verdict_says_what_it_is_about(bench) -> None:
    bench.candidate(benches.right)
    bench.live(benches.right)
    found = bench.evaluate({**ACCURACY, "overall": {"min": 0.7, "max_drop": 0.1}})
    assert found.blessed
    assert found.reason is None
    digest = content_digest(Path(bench.model.uri, "Format-Serving"))
    assert found.verdict["content_digest"] == digest
    assert found.blessing.get_string_custom_property("content_digest") == digest
    assert found.verdict["baseline"] == {
        "version": 7,
        "digest": bench.baseline.get_string_custom_property("digest"),
    }
    [row] = found.verdict["metrics"]
    assert row["value"] == row["baseline_value"] == benches.RIGHT / benches.EXAMPLES


@pytest.mark.extended
def test_with_max_drop_alone_the_first_model_is_blessed(bench) -> None:
    bench.candidate(benches.right)
    found = bench.evaluate({**ACCURACY, "overall": {"max_drop": 0.1}})
    assert found.blessed
    assert found.verdict["baseline"] is None


@pytest.mark.parametrize(
    "limits", [{"max": 2.0}, pytest.param({"max_drop": 0.1}, marks=pytest.mark.extended)]
)
def test_a_loss_that_is_no_number_refuses_in_a_sentence(bench, limits) -> None:
    bench.candidate(benches.nan)
    found = bench.evaluate({**LOSS, "overall": limits})
    assert not found.blessed
    assert found.reason == (
        "Evaluator: SparseCategoricalCrossentropy on slice overall is nan, not a finite number."
    )
    assert found.verdict["metrics"][0]["value"] is None


@pytest.mark.extended
def test_a_baseline_without_a_number_holds_nobody_back(bench) -> None:
    bench.candidate(benches.right)
    bench.live(benches.nan)
    assert bench.evaluate({**LOSS, "overall": {"max": 2.0, "max_drop": 0.1}}).blessed


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (benches.failing, "no answer"),
        (benches.unnamed, "its signature examples has no output probabilities (it has: label,"),
        pytest.param(benches.narrow, "", marks=pytest.mark.extended),
    ],
)
@pytest.mark.parametrize(
    "live", [False, pytest.param(True, marks=pytest.mark.extended)], ids=["first", "live"]
)
def test_a_model_that_cannot_be_evaluated_is_refused_in_a_sentence(
    bench, answer, said: str, live: bool
) -> None:
    bench.candidate(answer)
    if live:
        bench.live(benches.right)
    found = bench.evaluate({**ACCURACY, "overall": {"min": 0.7, "max_drop": 0.1}})
    assert not found.blessed
    assert found.reason.startswith("Evaluator: ")
    assert said in found.reason
    assert "\n" not in found.reason


def test_a_model_without_the_signature_is_refused(bench) -> None:
    bench.candidate(benches.right, signature="other")
    found = bench.evaluate({**ACCURACY, "overall": {"min": 0.7}})
    assert found.reason == (
        "Evaluator: the model cannot be evaluated: it has no signature examples (it has: other)."
    )


def test_a_baseline_that_cannot_be_evaluated_is_an_error_and_refuses_nobody(bench) -> None:
    bench.candidate(benches.right)
    bench.live(benches.right, signature="other")
    with pytest.raises(
        UnfitBaselineError, match=r"Baseline version 7 .* no signature examples .* with"
    ):
        bench.evaluate({**ACCURACY, "overall": {"max_drop": 0.1}})


def test_a_baseline_that_fails_is_an_error_and_refuses_nobody(bench) -> None:
    bench.candidate(benches.right)
    bench.live(benches.failing)
    with pytest.raises(
        UnfitBaselineError, match=r"Baseline version 7 cannot be evaluated: .*no answer"
    ):
        bench.evaluate({**ACCURACY, "overall": {"min": 0.7, "max_drop": 0.1}})


@pytest.mark.extended
def test_a_baseline_that_nothing_is_compared_with_need_not_be_evaluated(bench) -> None:
    bench.candidate(benches.right)
    bench.live(benches.right, signature="other")
    found = bench.evaluate({**ACCURACY, "overall": {"min": 0.7}})
    assert found.blessed
    assert found.verdict["baseline"]["version"] == 7


def test_a_feature_that_the_examples_lack_is_a_refusal_that_names_it(bench) -> None:
    bench.candidate(benches.right)
    found = bench.evaluate({**ACCURACY, "per_slice": {"colour": {"min": 0.1}}})
    assert "no value of SparseCategoricalAccuracy on any slice of colour" in found.reason


def test_a_damaged_model_is_not_evaluated(bench) -> None:
    bench.candidate(benches.right)
    bench.live(benches.right)
    Path(bench.baseline.uri, "Format-Serving", "saved_model.pb").unlink()
    with pytest.raises(DamagedError, match="copy of baseline version 7"):
        bench.evaluate({**ACCURACY, "overall": {"min": 0.7}})


def test_a_model_that_changes_during_the_evaluation_has_no_verdict(
    bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.candidate(benches.right)
    evaluated = benches.Executor._evaluate

    def evaluate_and_change(*arguments, **more):
        problem = evaluated(*arguments, **more)
        Path(bench.model.uri, "Format-Serving", "more").write_bytes(b"")
        return problem

    monkeypatch.setattr(benches.Executor, "_evaluate", evaluate_and_change)
    with pytest.raises(ChangedError):
        bench.evaluate({**ACCURACY, "overall": {"min": 0.7}})
    assert not Path(bench.folder, "blessing", "verdict.json").exists()


@pytest.mark.extended
def test_of_two_classes_auc_is_that_of_the_second(bench) -> None:
    """As scikit-learn and everybody else has it."""
    random = np.random.default_rng(0)
    labels = (random.random(1000) < 0.2).astype(int)
    percent = np.clip(random.normal(30 + 30 * labels, 20), 0, 100).astype(int)
    benches.write_values(
        bench.split,
        [{"label": int(a), "answer": int(b)} for a, b in zip(labels, percent, strict=True)],
    )
    bench.candidate(benches.percent)
    bench.live(benches.percent)
    names = ("AUC", "Precision", "Recall", "F1Score", "SparseCategoricalAccuracy")
    limits = {"min": 0.1, "max_drop": 0.1}
    found = bench.evaluate(
        *({"metric": name, "overall": limits} for name in names),
        label=Classes(name="label", kind="classes", values=["no", "yes"]),
    )
    said = percent > 50
    wanted = {
        "AUC": sklearn.metrics.roc_auc_score(labels, percent),
        "Precision": sklearn.metrics.precision_score(labels, said),
        "Recall": sklearn.metrics.recall_score(labels, said),
        "F1Score": sklearn.metrics.f1_score(labels, said),
        "SparseCategoricalAccuracy": (labels == said).mean(),
    }
    assert found.blessed, found.reason
    rows = {row["metric"]: row for row in found.verdict["metrics"]}
    assert {name: row["value"] for name, row in rows.items()} == pytest.approx(wanted, abs=1e-4)
    assert all(row["value"] == row["baseline_value"] for row in rows.values())


THREE = Classes(name="label", kind="classes", values=["red", "green", "blue"])


def test_a_baseline_whose_labels_changed_places_is_no_measure(bench) -> None:
    bench.candidate(benches.right)
    bench.describe(THREE)
    bench.live(benches.seldom)
    bench.describe_live(Classes(name="label", kind="classes", values=["green", "red", "blue"]))
    with pytest.raises(
        UnfitBaselineError,
        match=r"version 7 .* another order \(label 0 is 'red' and was 'green' there\)",
    ):
        bench.evaluate({**ACCURACY, "overall": {"max_drop": 0.1}}, label=THREE)
    for name in ("evaluation", "blessing"):
        Path(bench.folder, name).rmdir()
    found = bench.evaluate({**ACCURACY, "overall": {"min": 0.7}}, label=THREE)
    assert found.blessed
    assert "baseline_value" not in found.verdict["metrics"][0]


def test_a_model_that_learned_nothing_is_refused_unless_nobody_minds(bench) -> None:
    bench.candidate(benches.seldom)
    bench.describe(THREE)
    metrics = [ACCURACY, {"metric": "SparseCategoricalCrossentropy"}]
    found = bench.evaluate(*metrics, label=THREE, beat_constant=1)
    assert not found.blessed
    assert found.reason == (
        "Evaluator: SparseCategoricalAccuracy on slice overall is 0.3500, no better than the 0.3500"
        " of always the same answer, red; evaluation.beat_constant = false would let it pass."
    )
    assert found.verdict["constant"] == "red"
    accuracy, loss = found.verdict["metrics"]
    assert accuracy["constant_value"] == 0.35
    assert accuracy["margin"] == pytest.approx(0, abs=1e-6)
    assert loss["constant_value"] == pytest.approx(1.098, abs=0.01)
    assert loss["ok"]


@pytest.mark.extended
def test_a_model_that_learned_something_has_the_constant_beside_it(bench) -> None:
    bench.candidate(benches.right)
    bench.describe(THREE)
    found = bench.evaluate(ACCURACY, label=THREE, beat_constant=1)
    assert found.blessed
    [row] = found.verdict["metrics"]
    assert row["must_beat_constant"]
    assert (row["value"], row["constant_value"], row["examples"]) == (0.75, 0.35, 40)


@pytest.mark.extended
def test_of_a_loss_with_a_max_alone_less_is_better_than_the_constant(bench) -> None:
    bench.candidate(benches.right)
    bench.describe(THREE)
    loss = {"metric": "SparseCategoricalCrossentropy", "overall": {"max": 2.0}}
    found = bench.evaluate(loss, label=THREE, beat_constant=1)
    [row] = found.verdict["metrics"]
    assert row["must_beat_constant"]
    assert row["value"] < row["constant_value"]
    assert found.blessed, found.reason


def test_limits_do_not_count_on_slices_of_few_examples(bench) -> None:
    bench.candidate(benches.seldom)
    bench.describe(THREE)
    by_label = {**ACCURACY, "per_slice": {"label": {"min": 0.5}}}
    found = bench.evaluate(by_label, label=THREE, smallest_slice=14)
    rows = {row["slice"]: row for row in found.verdict["metrics"]}
    assert {name: row["examples"] for name, row in rows.items()} == {
        **{"overall": 40, "label=0": 14, "label=1": 13, "label=2": 13}
    }
    assert [name for name, row in rows.items() if not row.get("gated", True)] == [
        "label=1",
        "label=2",
    ]
    assert rows["label=1"]["value"] == 0
    assert found.blessed


def test_limits_that_count_on_no_slice_are_told(bench, caplog) -> None:
    bench.candidate(benches.seldom)
    bench.describe(THREE)
    by_label = {**ACCURACY, "per_slice": {"label": {"min": 0.5}}}
    with caplog.at_level("WARNING", logger="progress"):
        found = bench.evaluate(by_label, label=THREE, smallest_slice=15)
    assert found.blessed
    [said] = [each.getMessage() for each in caplog.records if each.name == "progress"]
    assert said.startswith(
        "no limit on slices of label counts: none has evaluation.smallest_slice = 15"
    )
