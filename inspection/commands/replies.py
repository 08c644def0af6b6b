"""Answers as replies: the sentence, the evidence below it, and the exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from documents.variants import Measurement
from inspection.questions.executions.cache import CacheAnswer
from inspection.questions.executions.execution import ExecutionAnswer
from inspection.questions.executions.failure import NOT_RECORDED, FailureAnswer
from inspection.questions.fate.fate import Fate
from inspection.questions.garbage.garbage import in_bytes
from inspection.questions.models.rebuild import RebuildAnswer
from inspection.questions.models.tuning import TuningAnswer
from inspection.questions.models.variants import VariantsAnswer, worst
from inspection.questions.why import WhyAnswer
from inspection.reply import Reply, number, plain, table

REFUSED = 3


def why_reply(answer: WhyAnswer) -> Reply:
    """Whatever the answer is about."""
    reply: Callable[[Any], Reply] = _OF_WHY[type(answer)]
    return reply(answer)


def fate_reply(fate: Fate) -> Reply:
    verdicts = [
        (f"s{v.step}", v.node, "blessed" if v.blessed else "refused", v.reason)
        for v in fate.verdicts
    ]
    metrics = [(f"{m.metric} on {m.slice}", number(m.value), m.limit) for m in fate.failed_metrics]
    checks = [(check.name, check.found, check.expected) for check in fate.failed_checks]
    lines = (
        *table(("id", "validator", "verdict", "reason"), verdicts),
        *table(("failed", "found", "expected"), [*metrics, *checks]),
    )
    return Reply(
        fate.headline, {**plain(fate), "fate": fate.word}, lines, REFUSED if fate.taken_back else 0
    )


def cache_reply(answer: CacheAnswer) -> Reply:
    rows = [(each.part, each.before, each.now) for each in answer.differences]
    lines = table(("part", f"in s{answer.compared_with}", f"in s{answer.step}"), rows)
    if answer.because:
        lines += (f"because: {answer.root.headline}",)
    return Reply(answer.headline, answer, lines)


def failure_reply(answer: FailureAnswer) -> Reply:
    lines = [f"at {answer.cause.place}"] if answer.cause and answer.cause.place else []
    lines += [f"input {name}" for name in answer.inputs]
    lines += [f"log: {answer.log}"] if answer.log else []
    if answer.next_attempt:
        return Reply(answer.headline, answer, tuple(lines))
    if answer.resume or answer.step is not None or answer.state == "killed":
        lines.append(f"go on with: {answer.resume or NOT_RECORDED}")
    return Reply(answer.headline, answer, tuple(lines), 1)


def execution_reply(answer: ExecutionAnswer) -> Reply:
    return Reply(answer.headline, answer, code=1 if answer.failed else 0)


_OF_WHY: Mapping[type[WhyAnswer], Callable[..., Reply]] = {
    Fate: fate_reply,
    CacheAnswer: cache_reply,
    FailureAnswer: failure_reply,
    ExecutionAnswer: execution_reply,
}


def rebuild_reply(answer: RebuildAnswer) -> Reply:
    lines = [f"missing: {each}" for each in answer.missing]
    lines += [f"differs: {each}" for each in answer.differs]
    lines += [answer.command] if answer.command else []
    lines += [f"commit: {answer.commit}"] if answer.commit else []
    lines += [f"code hash: {answer.origin.code_hash}"] if answer.origin.code_hash else []
    lines += [f"data: {each.title}" for each in answer.origin.data]
    code = 1 if answer.missing or answer.differs else 0
    return Reply(answer.headline, answer, (*lines, *answer.pins), code)


def variants_reply(answer: VariantsAnswer) -> Reply:
    document = answer.document
    rows: list[Sequence[str | None]] = []
    if document and document.float_model:
        rows.append(("the model", "", *_costs(document.float_model), ""))
    for each in document.variants if document else ():
        verdict = "blessed" if each.blessed else "refused"
        rows.append((each.name, verdict, *_costs(each.measured), worst(each) or each.reason))
    header = ("variant", "verdict", "size", "zipped", "p50 ms", "p95 ms", "memory", "at the worst")
    made = document.variants if document else ()
    refused = answer.withdrawn is not None or any(not each.blessed for each in made)
    return Reply(answer.headline, answer, table(header, rows), REFUSED if refused else 0)


def tuning_reply(answer: TuningAnswer) -> Reply:
    found = answer.document
    keys = [each.key for each in found.dimensions] if found else []
    rows = [
        (
            str(trial.number),
            number(trial.value),
            trial.reason or ("" if trial.state == "done" else trial.state),
            *(_setting(trial.values.get(key)) for key in keys),
        )
        for trial in answer.ranked
    ]
    header = ("trial", found.metric if found else "", "", *(key.rpartition(".")[2] for key in keys))
    return Reply(answer.headline, answer, table(header, rows))


def _setting(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _costs(cost: Measurement | None) -> tuple[str, ...]:
    if cost is None:
        return ("",) * 5
    times = ("" if time is None else f"{time:.2f}" for time in (cost.p50_ms, cost.p95_ms))
    memory = "" if cost.peak_bytes is None else in_bytes(cost.peak_bytes)
    zipped = "" if cost.gzip_bytes is None else in_bytes(cost.gzip_bytes)
    return in_bytes(cost.bytes), zipped, *times, memory
