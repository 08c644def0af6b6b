"""The links of a whole store say what its records say."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from inspection.history.links import Links
from inspection.questions.lineage import ancestors
from inspection.store import open_history
from tests.inspection.recorded_runs import RECORDED


def test_they_are_those_of_the_records():
    plain, many = open_history(RECORDED), open_history(RECORDED)
    links = many.expect_many()
    assert len(links) == len(plain.events)
    for id in plain.artifacts:
        assert plain.producer(id) == many.producer(id)
        assert [s.id for s in plain.consumers(id)] == [s.id for s in many.consumers(id)]
        above = {each.id for each in ancestors(plain, id)}
        assert links.upstream([id]) == sorted({id, *above})
        maker = plain.producer(id)
        assert links.maker_of(id) == (maker.id if maker else None)
    for id in plain.steps:
        assert plain.input_artifacts(id) == many.input_artifacts(id)
        assert plain.output_artifacts(id) == many.output_artifacts(id)
        touched = {event.artifact for event in (*plain.inputs(id), *plain.outputs(id))}
        assert links.touched_by([id]) == sorted(touched)


events = st.lists(st.tuples(st.integers(-2, 9), st.integers(-2, 9), st.integers(0, 1)), max_size=40)


@given(events, st.sets(st.integers(0, 7)), st.sets(st.integers(-2, 9)), st.sets(st.integers(0, 7)))
def test_cycles_and_unknown_ids_do_no_harm(rows, cached, start, gaps):
    known = [id for id in range(8) if id not in gaps]
    columns = [array("q", column) for column in zip(*rows, strict=True)] or [array("q")] * 3
    links = Links(known, (id in cached for id in known), known, columns)
    found = [row for row in rows if row[0] in known and row[1] in known]
    assert len(links) == len(found)
    wanted = {id for id in start if id in known}
    while True:
        makers = set()
        for id in wanted:
            emitters = [step for step, artifact, out in found if artifact == id and out]
            made = [step for step in emitters if step not in cached]
            makers |= {*(made or emitters)[:1]}
        more = {artifact for step, artifact, out in found if step in makers and not out}
        if more <= wanted:
            break
        wanted |= more
    assert links.upstream(start) == sorted(wanted)
    maker_of: dict[int, int] = {}
    for step, artifact, out in sorted(found, key=lambda row: row[0] in cached):
        if out:
            maker_of.setdefault(artifact, step)
    others = [id for id in known if maker_of.get(id) not in start]
    assert links.not_made_by(start) == others
    for id in range(-1, 9):
        assert links.maker_of(id) == maker_of.get(id)
        assert list(links.steps_of(id, True)) == [s for s, a, out in found if a == id and out]
        assert list(links.artifacts_of(id, False)) == [
            a for s, a, out in found if s == id and not out
        ]
