"""What is said of a setting that is wrong."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest

from documents.section import Section, refusal, short, short_repr


class Inner(Section):
    depth: int = pydantic.Field(1, ge=1)
    ratio: float = 0.5


class Outer(Section):
    name: str
    inner: Inner = Inner()
    many: list[Inner] = []  # noqa: RUF012
    named: dict[str, Inner] = {}  # noqa: RUF012
    flag: bool = False

    @pydantic.field_validator("name")
    @classmethod
    def _no_spaces(cls, name: str) -> str:
        if " " in name:
            raise ValueError("it holds a space.")
        return name


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Key `o.name` is missing in a file."),
        ({"nam": "x"}, "Unknown key `o.nam` in a file: did you mean `o.name`?"),
        (
            {"colour": 1},
            "Unknown key `o.colour` in a file: known keys: name, inner, many, named, flag.",
        ),
        ({"depth": 1}, "Unknown key `o.depth` in a file: did you mean `o.inner.depth`?"),
        (
            {"named": {"x": {"dept": 1}}},
            "Unknown key `o.named.x.dept` in a file: did you mean `o.named.x.depth`?",
        ),
        (
            {"many": [{"dept": 1}]},
            "Unknown key `o.many.0.dept` in a file: did you mean `o.many.0.depth`?",
        ),
        (
            {"inner": {"depth": 0}},
            "Setting `o.inner.depth` = 0 in a file is refused: it should be greater than or "
            "equal to 1.",
        ),
        (
            {"inner": {"depth": True}},
            "Setting `o.inner.depth` = True in a file is refused: it should be a valid integer.",
        ),
        (
            {"inner": {"ratio": float("inf")}},
            "Setting `o.inner.ratio` = inf in a file is refused: it should be a finite number.",
        ),
        (
            {"inner": None},
            "Setting `o.inner` = None in a file is refused: it should be a mapping of settings.",
        ),
        ({"name": "a b"}, "Setting `o.name` = 'a b' in a file is refused: it holds a space."),
        (
            {"flag": "no"},
            "Setting `o.flag` = 'no' in a file is refused: it should be a valid boolean.",
        ),
    ],
)
def test_a_refusal_names_key_value_and_what_it_may_be(values: dict[str, Any], said: str):
    with pytest.raises(pydantic.ValidationError) as caught:
        Outer.model_validate({"name": "x", **values} if values else {})
    assert refusal(caught.value, Outer, prefix="o.", where=lambda key: " in a file") == said


def test_what_is_shown_is_short_and_cannot_steer_a_terminal():
    assert short("a\x1b[31m\nb") == r"a\x1b[31m\nb"
    assert short("a" * 100) == "a" * 57 + "..."
    assert short_repr("\x00") == r"'\x00'"
