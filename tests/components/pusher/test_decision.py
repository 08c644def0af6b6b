from __future__ import annotations

from typing import Any

import pytest

from components.baseline.choice import NONE, Choice
from components.pusher.decision import (
    StaleVerdictError,
    Verdict,
    Withdrawal,
    check_warm_up,
    decide,
    no_new_data,
    push_id,
    withdrawn,
)
from documents.evaluator_verdict import EvaluatorVerdict
from documents.provenance import Provenance
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingData
from documents.verdict import BaselineReference

LIVE = Choice(7, "sha256:7")


SIXTH = BaselineReference(version=6, digest="6")


def verdict(validator: str, reason: str | None = None, **document: Any) -> Verdict:
    found: dict[str, Any] = {
        "blessed": reason is None,
        "reason": reason,
        "content_digest": "c",
        **document,
    }
    return Verdict(validator, blessed=reason is None, document=EvaluatorVerdict(**found))


BLESSED = verdict("Evaluator")
LOW = verdict("Evaluator", "Accuracy is low.")
SLOW = verdict("ServingCheck", "It is slow.")


def test_a_blessed_model_is_pushed() -> None:
    decision = decide([BLESSED], "c")
    assert (decision.outcome, decision.reason) == ("pushed", None)


def test_a_model_that_nobody_validates_is_pushed() -> None:
    assert decide([], "c").outcome == "pushed"


def test_a_live_model_is_not_pushed_again() -> None:
    decision = decide([BLESSED], "c", Choice(7, "c"))
    assert (decision.outcome, decision.reason) == ("already_live", "already live as version 7")


@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [
        ([LOW], "Accuracy is low."),
        ([BLESSED, SLOW], "It is slow."),
        ([LOW, SLOW], "Accuracy is low. It is slow."),
        (
            [Verdict("Evaluator", blessed=False)],
            "Evaluator did not bless the model and left no reason.",
        ),
    ],
)
def test_a_refused_model_says_why(verdicts: list[Verdict], reason: str) -> None:
    decision = decide(verdicts, "c")
    assert (decision.outcome, decision.reason) == ("refused", reason)


def test_a_refusal_counts_even_when_the_model_is_live() -> None:
    assert decide([LOW], "c", Choice(7, "c")).outcome == "refused"


@pytest.mark.parametrize(("flag", "document"), [(True, False), (False, True)])
def test_a_flag_and_a_document_that_disagree_refuse(flag: bool, document: bool) -> None:
    said = EvaluatorVerdict(blessed=document, content_digest="c")
    assert decide([Verdict("Evaluator", flag, said)], "c").outcome == "refused"


def test_the_push_id_repeats_exactly_when_pushing_again_would_change_nothing() -> None:
    pushed = decide([BLESSED], "c")
    live = decide([BLESSED], "c", Choice(7, "c"))
    refused = decide([LOW], "c")
    assert push_id(pushed, None, fresh="new") == "new"
    assert push_id(live, Provenance(push_id="old"), fresh="new") == "old"
    assert push_id(refused, None, fresh="new") == push_id(refused, None, fresh="newer")


@pytest.mark.parametrize("provenance", [None, Provenance()])
def test_a_live_version_of_another_tool_is_told_by_its_number(
    provenance: Provenance | None,
) -> None:
    ids = {push_id(decide([], "c", Choice(n, "c")), provenance, fresh="new") for n in (7, 7, 8)}
    assert len(ids) == 2
    assert "new" not in ids


def test_what_was_withdrawn_is_refused_with_the_command_that_restores_it() -> None:
    withdrawal = Withdrawal(7, "/srv/m", "It is wrong about bags.")
    decision = decide([BLESSED], "c", NONE, withdrawal)
    assert decision.outcome == "refused"
    assert decision.reason == (
        "The same content was withdrawn as version 7 (It is wrong about bags); restore it with"
        " `python -m serving restore 7 --base-path /srv/m`, or change the model."
    )
    assert "version 7;" in Withdrawal(7, "/srv/m", None).refusal
    assert decide([LOW], "c", NONE, withdrawal).reason == "Accuracy is low."


def test_what_is_live_is_not_refused_although_it_was_withdrawn_before() -> None:
    decision = decide([BLESSED], "c", Choice(8, "c"), Withdrawal(7, "/srv/m", None))
    assert decision.outcome == "already_live"


def test_a_refusal_is_repeated_from_the_cache_only_with_the_same_reason() -> None:
    ids = {
        push_id(decide(verdicts, "c", NONE, withdrawal), None, fresh="new")
        for verdicts, withdrawal in [
            ([LOW], None),
            ([LOW], Withdrawal(7, "/srv/m", None)),
            ([BLESSED], Withdrawal(7, "/srv/m", None)),
            ([BLESSED], Withdrawal(7, "/srv/m", "Later.")),
        ]
    }
    assert len(ids) == 3


def test_a_restored_version_does_not_repeat_the_push_that_withdrew_it() -> None:
    live = decide([BLESSED], "c", Choice(7, "c"))
    ids = {push_id(live, Provenance(push_id="old"), "new", restored) for restored in (None, "noon")}
    assert len(ids) == 2
    assert "new" not in ids


def test_a_withdrawn_push_says_why() -> None:
    decision = withdrawn(7, "nothing answers")
    assert decision.outcome == "withdrawn"
    assert decision.reason == "Version 7 was withdrawn: nothing answers."


@pytest.mark.parametrize(
    ("candidate", "live", "version", "said"),
    [
        (TrainingData(fingerprint="a", span=3), TrainingData(fingerprint="a", span=3), 7, "span 3"),
        (TrainingData(fingerprint="a"), TrainingData(fingerprint="a"), 7, "the same data"),
        (TrainingData(fingerprint="b"), TrainingData(fingerprint="a"), 7, None),
        (TrainingData(fingerprint="a"), None, None, None),
        (TrainingData(), TrainingData(), 7, None),
        (None, None, 7, None),
        (TrainingData(fingerprint="a"), None, 7, None),
        (TrainingData(fingerprint="a"), TrainingData(fingerprint="a"), None, None),
    ],
)
def test_data_that_the_live_version_is_made_from_is_not_new(candidate, live, version, said):
    found = no_new_data(candidate, live, version)
    told = f"No new data: {said} was already processed, live version 7 is made from it."
    assert found == (said and told)


def test_a_verdict_about_other_bytes_is_an_error_that_names_both() -> None:
    other = verdict("ServingCheck", content_digest="sha256:" + "d" * 64)
    with pytest.raises(StaleVerdictError) as caught:
        decide([BLESSED, other], "c")
    assert str(caught.value) == (
        "The model's files are not those that ServingCheck judged (dddddddddddd then, c now), so"
        " nothing is pushed; run the pipeline again, which makes what was damaged anew and judges"
        " it."
    )


def test_a_verdict_that_was_lost_is_no_verdict_of_a_standard_component() -> None:
    lost = Verdict("Evaluator", blessed=True, judged="c")
    with pytest.raises(StaleVerdictError, match=r"Evaluator's verdict\.json is missing"):
        decide([lost], "c")
    assert decide([Verdict("Evaluator", blessed=True)], "c").outcome == "pushed"


def test_a_document_and_a_blessing_about_different_bytes_push_nothing() -> None:
    swapped = Verdict("Evaluator", True, verdict("Evaluator").document, judged="sha256:d")
    with pytest.raises(StaleVerdictError, match=r"\(d then, c now\)"):
        decide([swapped], "c")


def test_a_document_that_does_not_say_what_it_is_about_pushes_nothing() -> None:
    mute = Verdict("Evaluator", True, verdict("Evaluator", content_digest="").document, judged="c")
    with pytest.raises(StaleVerdictError, match="does not say which bytes it judged"):
        decide([mute], "c")


def test_a_refusal_of_other_bytes_refuses_nothing() -> None:
    with pytest.raises(StaleVerdictError):
        decide([verdict("Evaluator", "Low.", content_digest="d")], "c")


@pytest.mark.parametrize(
    ("baseline", "live", "said"),
    [
        (None, LIVE, "Version 7 is live now, and Evaluator held the model against nothing"),
        (
            SIXTH,
            LIVE,
            "Version 7 is live now, and Evaluator held the model against version 6",
        ),
        (
            SIXTH,
            NONE,
            "^Nothing is live now, and .* version 6.* nothing.$",
        ),
        (
            BaselineReference(version=7, digest="6"),
            LIVE,
            r"^The files of live version 7 .* with what is live\.$",
        ),
    ],
)
def test_what_is_live_must_be_what_it_was_compared_with(baseline, live, said) -> None:
    with pytest.raises(StaleVerdictError, match=said):
        decide([verdict("Evaluator", baseline=baseline)], "c", live)


def test_the_baseline_is_told_by_its_content() -> None:
    same = verdict("Evaluator", baseline=BaselineReference(version=6, digest=LIVE.digest))
    assert decide([same], "c", LIVE).outcome == "pushed"
    assert decide([verdict("Evaluator", baseline=None)], "c", NONE).outcome == "pushed"


def test_a_refused_model_stays_refused_whatever_became_live() -> None:
    assert decide([verdict("Evaluator", "Low.", baseline=None)], "c", LIVE).outcome == "refused"


class TestWarmUp:
    """The file that servers replay is the one that the serving check replayed."""

    @pytest.mark.parametrize(
        ("checked", "there"),
        [
            (None, "a"),
            (ServingVerdict(blessed=True), "a"),  # written before the file was told
            (ServingVerdict(blessed=True, warm_up_sha256="a"), "a"),
            (ServingVerdict(blessed=True, warm_up_sha256=None), None),
        ],
    )
    def test_the_same_is_pushed(self, checked, there):
        check_warm_up(checked, there)

    @pytest.mark.parametrize(("checked", "there"), [("a", "b"), ("a", None), (None, "b")])
    def test_another_one_is_not(self, checked, there):
        with pytest.raises(StaleVerdictError, match="is not the one that ServingCheck wrote"):
            check_warm_up(ServingVerdict(blessed=True, warm_up_sha256=checked), there)
