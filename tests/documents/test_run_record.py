"""What is recorded of a run, as properties and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from documents.run_record import RunRecord

texts = st.text(max_size=20)


@given(
    st.builds(
        RunRecord,
        command=st.lists(texts, max_size=4).map(tuple),
        folder=st.none() | texts,
        settings=st.dictionaries(texts, st.none() | texts | st.integers(), max_size=3),
        commit=st.none() | texts,
        outcome=st.none() | texts,
        reason=st.none() | texts,
    )
)
def test_properties_say_all_of_it(record: RunRecord) -> None:
    assert RunRecord.of(record.as_properties()) == record


def test_what_somebody_else_put_there_is_passed_over() -> None:
    assert RunRecord.of({"command": "[1]", "settings": "[" * 9999, "outcome": 3}) == RunRecord()


def test_what_continues_a_run_can_be_given_anywhere() -> None:
    record = RunRecord(("py thon", "local_runner.py", "--no-cache", "--set", "a=1 2"), "/a b")
    assert record.resume("/a b") == "'py thon' local_runner.py --set 'a=1 2'"
    assert record.resume("/c") == "cd '/a b' && 'py thon' local_runner.py --set 'a=1 2'"
    assert record.resume(None) == record.resume("/c")
    assert RunRecord().resume("/c") is None
