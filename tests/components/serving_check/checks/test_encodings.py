"""Which image files are asked about together."""

from __future__ import annotations

from components.serving_check.checks.encodings import FEW, MANY, alike

PNG, JPEG = b"\x89PNG", b"\xff\xd8\xff"


def test_files_of_one_format_are_asked_about_by_themselves():
    contents = [PNG, JPEG, JPEG + bytes(1_000_000), JPEG, PNG, JPEG, JPEG]
    batches = list(alike(range(10, 17), contents))
    formats = [{contents[place - 10] for place in batch} for batch in batches]
    assert all(len(format) == 1 for format in formats)
    jpegs = [batch for batch in batches if batch[0] in (11, 13, 15, 16)]
    assert {len(batch) for batch in jpegs} >= {*FEW}
    assert [11, 13, 15, 16] in jpegs
    assert max(map(len, jpegs)) > MANY
    assert [13, 13] in jpegs


def test_of_many_files_some_are_asked_about_in_batches_of_few():
    batches = list(alike(range(100), [JPEG] * 100))
    assert len(batches) < 40
    assert [0, 1] in batches
    assert len({place for batch in batches[:18] for place in batch}) >= 24


def test_where_all_files_are_large_there_is_no_batch():
    assert list(alike([0], [bytes(1_000_000)])) == []
