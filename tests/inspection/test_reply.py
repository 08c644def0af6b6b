"""Tables stay tables, whatever a store calls things."""

from __future__ import annotations

from inspection.reply import MOST_WIDE, Reply, as_text, table


def test_no_cell_moves_the_others_out_of_sight_or_onto_another_line():
    rows = [("x" * 5_000, "two\nlines", "reason " * 100), ("short", None, "")]
    header, first, second = table(("what", "n" * 5_000, "why"), rows)
    assert len(header) < 3 * MOST_WIDE
    assert "two\\nlines" in first
    # The end of a line is in nobody's way.
    assert first.endswith("reason " * 99 + "reason")
    assert second == "short"


def test_the_answer_is_one_line_whatever_a_name_holds():
    assert as_text(Reply("Run a\nb\t is\x1b complete.", {}, ("c\nd",))) == (
        "Run a\\nb\\t is\\x1b complete.\nc\nd"
    )
