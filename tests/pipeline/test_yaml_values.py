"""YAML as people write it: what it means, and one sentence where it cannot be a setting."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.yaml_values import LARGEST, YamlError, parse

LAUGHS = "a0: &a0 [1]\n" + "\n".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("", None),
        ("1e-3", 0.001),
        ("2E4", 20_000.0),
        ("1.0e-2", 0.01),
        ("=", "="),
        ("2026-11-23", "2026-11-23"),
        ("2026-13-45", "2026-13-45"),
        # Names are names, whatever YAML 1.1 makes of them.
        ("{on: 1, no: 2, null: 3, 4: 5}", {"on": 1, "no": 2, "null": 3, "4": 5}),
        ("{a: &l {min: 1}, b: *l}", {"a": {"min": 1}, "b": {"min": 1}}),
        ("a: &l {x: 1, y: 2}\nb: {<<: *l, y: 3}", {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}}),
        ("{<<: [{x: 1}, {x: 2, y: 2}]}", {"x": 1, "y": 2}),
        ("9223372036854775807", 2**63 - 1),
        ("\ufeffa: é", {"a": "é"}),
    ],
)
def test_values_are_read(text: str, value: object):
    assert parse(text) == value
    assert parse(text.encode()) == value


def test_only_a_file_has_comments():
    assert parse(b"# mine\na: 1 # one\n") == {"a": 1}
    assert parse(" a#b ") == "a#b"
    with pytest.raises(YamlError, match="with a comment: quote the value"):
        parse("a #b")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf_8_and_marked_utf_16_are_read(encoding: str):
    assert parse("name: größe 文".encode(encoding)) == {"name": "größe 文"}


@pytest.mark.medium
@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a: 1\nb: 2\na: 3", "has `a` in line 3 and before that in line 1: two settings with"),
        (b"a: {b: [{c: 1, 'c': 2}]}", "has `a.b.0.c` in line 1 and before that"),
        (b"a: {<<: {x: 1}, <<: {y: 1}}", "has `a.<<` in line 1 and before that"),
        (b"a: {1: x, '1': y}", "has `a.1` in line 1 and before that"),
        (b"a: \xe9t\xe9", "has the byte 0xe9, which is not utf-8; save it as UTF-8"),
        ("a: b".encode("utf-16-le"), r"has the character '\x00', which no text has"),
        (b"\x7fELF\x02\x01", r"has the character '\x7f', which no text has"),
        (b"a: \x00", r"has the character '\x00'"),
        (b'a: "\\0"', r"has `a` in line 1 with the control character '\x00'"),
        (b'"a\\e": 1', r"with the control character '\x1b'"),
        (b'a: "\\ud800"', r"with the control character '\ud800'"),
        (b'a: "\\UFFFFFFFF"', "is not valid YAML"),
        (b"[" * 5_000, "is nested more than 32 deep"),
        (b"{a: " * 5_000, "is nested more than 32 deep"),
        (LAUGHS.encode(), "repeats aliases too often"),
        (b"&a [*a]", "repeats aliases too often, or one inside itself"),
        (b"*a", "undefined alias"),
        (b"[" + b"1, " * 11_000 + b"1]", "has more than 10000 values"),
        (b"a: " + b"9" * 5_000, "which is no whole number that fits into 64 bits"),
        (b"a: 0x" + b"f" * 5_000, "which is no whole number that fits into 64 bits"),
        (b"a: 9223372036854775808", "which is no whole number that fits into 64 bits"),
        (b"a:\n  b: !!int 'x'", "has `a.b` in line 2 = 'x', which is no whole number"),
        (b"a: !!int ''", "has `a` in line 1 = '', which is no whole number"),
        (b"a: !!bool x", "has `a` in line 1 = 'x', which is no true or false"),
        (b"a: !!float x", "has `a` in line 1 = 'x', which is no number"),
        (b"a: !!python/object/apply:os.system [x]", "with the tag '!!python/object/apply"),
        (b"a: !!set {x}", "with the tag '!!set', which no setting takes"),
        (b"a: !!timestamp 2026-13-45", "with the tag '!!timestamp', which no setting takes"),
        (b"a: !mine x", "with the tag '!mine', which no setting takes"),
        (b"? [1, 2]\n: 3", "with a key that is no text"),
        (b"<<: 3", "has `<<` in line 1 but not with a mapping"),
        (b"a:\n\t- 1", r"is not valid YAML in line 2: while scanning for the next token, found"),
        (b"a: [1", "is not valid YAML in line 1: .* expected ',' or ']'"),
        (b"--- 1\n--- 2", "is not valid YAML in line 2: expected a single document"),
        (b"x" * (LARGEST + 1), "is larger than 1 MiB"),
    ],
)
def test_what_cannot_be_a_setting_is_one_short_sentence(content: bytes, problem: str):
    started = time.process_time()
    with pytest.raises(YamlError) as caught:
        parse(content)
    shown = str(caught.value)
    assert problem.partition(".*")[0] in shown
    assert problem.partition(".*")[2] in shown
    assert shown.isprintable()
    assert len(shown) < 250
    assert time.process_time() - started < 10


def _problem(content: bytes | str) -> str:
    try:
        parse(content)
    except YamlError as error:
        return str(error)
    return ""


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_nothing_else_is_ever_raised(content: bytes | str):
    assert "\n" not in _problem(content)


@given(st.text("{}[]:,-?!&*|>'\"%@#<=~0123456789abe_+.\\ \n\t\u2028\x85", max_size=40))
def test_no_sequence_of_yamls_own_characters_raises_anything_else(content: str):
    assert "\n" not in _problem(content)
    assert "\n" not in _problem(content.encode())
