from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from documents.outcome import PushOutcome, push_line, read_push_line


@given(st.sampled_from(get_args(PushOutcome)), st.text(), st.text(alphabet="a 1:[]\t"))
def test_a_log_tells_the_outcome_again(outcome: PushOutcome, reason: str, prefix: str) -> None:
    line = push_line(outcome, reason)
    assert len(line.splitlines()) == 1
    assert read_push_line(prefix + line) == (outcome, " ".join(reason.split()))


def test_other_lines_tell_nothing() -> None:
    assert read_push_line("INFO pushed: gs://bucket/3") is None
    assert read_push_line("The push came out as nothing: x") is None
