"""What becomes of a candidate: pushed, already live, or refused. Pure."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence

from components.baseline.choice import NONE, Choice
from documents.outcome import PushOutcome
from documents.provenance import Provenance
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingData
from documents.verdict import Verdict as Document


class StaleVerdictError(RuntimeError):
    """A verdict is about other bytes than those to push, or was given beside another version.

    It says nothing about the candidate, so this is an error and no refusal.
    """


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one validator said about the candidate."""

    validator: str
    blessed: bool
    """The flag on the blessing artifact."""
    document: Document | None = None
    """Its `verdict.json`; None where the standard Evaluator or InfraValidator wrote none."""
    judged: str = ""
    """The blessing's property `content_digest`, which those of ours have beside the document."""

    @property
    def refusal(self) -> str | None:
        """The reason in one sentence; None when the validator blessed the candidate.

        The flag comes through metadata, the document through files; when they disagree one of
        them is damaged, so the candidate is refused.
        """
        if self.blessed and (self.document is None or self.document.blessed):
            return None
        reason = self.document.reason if self.document else None
        return reason or f"{self.validator} did not bless the model and left no reason."

    def check_content(self, digest: str) -> None:
        """Makes sure that it is about the bytes with this content digest.

        The standard Evaluator and InfraValidator do not write down what they judged.

        Raises:
          StaleVerdictError: it is not, or does not say what it is about.
        """
        if self.document is None and not self.judged:
            return
        if self.document is None:
            raise StaleVerdictError(
                f"{self.validator}'s verdict.json is missing, so nothing is pushed; run the"
                " pipeline again, on a cluster without cache, to make it anew."
            )
        judged = self.document.content_digest
        others = [found for found in (judged, self.judged) if found and found != digest]
        if judged and not others:
            return
        if not judged:
            raise StaleVerdictError(
                f"{self.validator}'s verdict does not say which bytes it judged, so nothing is"
                " pushed; run the pipeline again with --no-cache, which judges the model anew."
            )
        raise StaleVerdictError(
            f"The model's files are not those that {self.validator} judged"
            f" ({_short(others[0])} then, {_short(digest)} now), so nothing is pushed; run the"
            " pipeline again, which makes what was damaged anew and judges it."
        )

    def check_baseline(self, live: Choice) -> None:
        """Makes sure that what is live is what the candidate was compared with.

        Raises:
          StaleVerdictError: it is not.
        """
        if self.document is None or "baseline" not in self.document.model_fields_set:
            return
        found = self.document.baseline
        baseline = Choice(found.version, found.digest) if found else NONE
        if baseline.digest == live.digest:
            return
        then = f"version {baseline.version}" if baseline.digest else "nothing"
        now = f"version {live.version}" if live != NONE else "nothing"
        what = f"Version {live.version} is live now" if live != NONE else "Nothing is live now"
        if live.version == baseline.version and live != NONE:
            what, now = f"The files of live version {live.version} changed", "what is live"
        raise StaleVerdictError(
            f"{what}, and {self.validator} held the model against {then}, so it is not pushed; run"
            f" the pipeline again, which compares it with {now}."
        )


def check_warm_up(document: ServingVerdict | None, digest: str | None) -> None:
    """Makes sure that the warm-up file still is the one that the serving check replayed.

    A model server refuses a version whose warm-up fails.

    Args:
      document: `verdict.json` of the ServingCheck; None where there is none.
      digest: hex sha256 of the warm-up file beside it; None when it is missing.

    Raises:
      StaleVerdictError: it is another one, or it is missing.
    """
    if (
        document
        and "warm_up_sha256" in document.model_fields_set
        and document.warm_up_sha256 != digest
    ):
        raise StaleVerdictError(
            "The warm-up file is not the one that ServingCheck wrote, so nothing is pushed; run the"
            " pipeline again, on a cluster without cache, to make it anew."
        )


@dataclasses.dataclass(frozen=True)
class Withdrawal:
    """A version that was withdrawn, and whose content is the candidate's."""

    number: int
    base_path: str
    reason: str | None

    @property
    def refusal(self) -> str:
        """Why it is not pushed again, and how to have it all the same."""
        reason = f" ({self.reason.rstrip('.')})" if self.reason else ""
        return (
            f"The same content was withdrawn as version {self.number}{reason}; restore it with"
            f" `python -m serving restore {self.number} --base-path {shlex.quote(self.base_path)}`,"
            " or change the model."
        )


@dataclasses.dataclass(frozen=True)
class Decision:
    """The outcome, and the reason when it is not a push."""

    outcome: PushOutcome
    reason: str | None = None


def decide(
    verdicts: Sequence[Verdict],
    digest: str,
    live: Choice = NONE,
    withdrawal: Withdrawal | None = None,
) -> Decision:
    """Refused when any validator refuses, with all their reasons; else pushed unless live.

    What was withdrawn is refused as well, or the next run would undo a rollback.

    Args:
      verdicts: in the order in which their reasons shall be told.
      digest: content digest of the candidate as it is.
      live: the live version as it is; `NONE` when there is none.
      withdrawal: of the candidate's content.

    Raises:
      StaleVerdictError: a verdict is about other bytes, or the candidate would be pushed over
        another version than it was compared with.
    """
    for verdict in verdicts:
        verdict.check_content(digest)
    refusals = [verdict.refusal for verdict in verdicts if verdict.refusal]
    if refusals:
        return Decision("refused", " ".join(refusals))
    if live.digest == digest:
        return Decision("already_live", f"already live as version {live.version}")
    if withdrawal is not None:
        return Decision("refused", withdrawal.refusal)
    for verdict in verdicts:
        verdict.check_baseline(live)
    return Decision("pushed")


def withdrawn(number: int, problem: str) -> Decision:
    """The outcome of a push that a model server did not confirm."""
    return Decision("withdrawn", f"Version {number} was withdrawn: {problem}.")


def push_id(
    decision: Decision,
    provenance: Provenance | None,
    fresh: str,
    restored: str | None = None,
) -> str:
    """What stands for the state of the base path in the cache key of a push.

    It is equal to that of an earlier execution exactly when doing that one again would change
    nothing: the candidate is refused again for the same reason, or what that execution published
    still is live.

    Args:
      decision: about the candidate as things are.
      provenance: of the live version.
      fresh: an id that was never used before.
      restored: when the live version was last restored; the execution that published it, and may
        have withdrawn it, is not to be repeated since.
    """
    if decision.outcome == "refused":
        return f"refused: {decision.reason}"
    if decision.outcome == "already_live":
        # Other tools publish without provenance; their version is told by its number.
        found = (provenance.push_id if provenance else None) or str(decision.reason)
        return f"{found}, restored {restored}" if restored else found
    return fresh


def no_new_data(
    candidate: TrainingData | None, live: TrainingData | None, version: int | None
) -> str | None:
    """That a candidate saw nothing that the live version had not seen; None when it did.

    A scheduled run on a cluster trains again without new data: only there nobody else says so.

    Args:
      candidate: what its training record says; `span` where there are spans.
      live: what the live version's provenance says.
      version: its number; None when nothing is live.
    """
    if version is None or candidate is None or live is None:
        return None
    if not candidate.fingerprint or candidate.fingerprint != live.fingerprint:
        return None
    what = f"span {candidate.span}" if candidate.span else "the same data"
    return f"No new data: {what} was already processed, live version {version} is made from it."


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
