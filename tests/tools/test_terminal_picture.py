from __future__ import annotations

import re
from xml.etree import ElementTree

from tools.terminal_picture import picture

PRINTED = "  \x1b[32m✔\x1b[0m Pushed version 1 → a/b\n" + "x" * 150 + "\n\n"


def test_what_was_printed_stands_in_lines_that_are_not_wrapped() -> None:
    svg = picture("any", "make any", PRINTED)
    ElementTree.fromstring(svg)  # which says where it is no XML
    text = re.sub(r"<[^>]*>", "", svg).replace("&#160;", " ")
    assert "$ make any" in text
    assert "Pushed version 1 → a/b" in text
    assert "x" * 150 in text


def test_colours_are_those_of_the_terminal_and_names_those_of_the_picture() -> None:
    svg = picture("any", "make any", PRINTED)
    plain = picture("any", "make any", re.sub(r"\x1b\[\d+m", "", PRINTED))
    fills = re.compile(r"any-r\d+ \{ fill: (#\w+)")
    assert len(set(fills.findall(svg))) == len(set(fills.findall(plain))) + 1
    assert "other-r1" in picture("other", "make any", PRINTED)
