"""What is said of a setting that is wrong."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
import pytest

from documents.settings.section import Section, refusal, short, short_repr


class Inner(Section):
    depth: int = pydantic.Field(1, ge=1)
    ratio: float = 0.5


class This(Section):
    kind: Literal["this"]
    size: int = pydantic.Field(1, ge=1)


class That(Section):
    kind: Literal["that"]
    names: list[str] | dict[str, str] = []  # noqa: RUF012


Either = Annotated[This | That, pydantic.Field(discriminator="kind")]


class Outer(Section):
    name: str
    one: Either = This(kind="this")
    several: dict[str, Either] = {}  # noqa: RUF012
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
            "Unknown key `o.colour` in a file: known keys: name, one, several, inner, many, named, "
            "flag.",
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
            {"one": {"kind": "that", "name": []}},
            "Unknown key `o.one.name` in a file: did you mean `o.one.names`?",
        ),
        (
            {"several": {"this": {"kind": "that", "sizes": 1}}},
            "Unknown key `o.several.this.sizes` in a file: did you mean `o.one.size`?",
        ),
        (
            {"several": {"that": {"kind": "this", "size": 0}}},
            "Setting `o.several.that.size` = 0 in a file is refused: it should be greater than or "
            "equal to 1.",
        ),
        (
            {"several": {"x": {"kind": "wrong"}}},
            "Setting `o.several.x.kind` = 'wrong' in a file is refused: choose among this, that.",
        ),
        (
            {"one": {"kind": "thiss"}},
            "Setting `o.one.kind` = 'thiss' in a file is refused: did you mean this?",
        ),
        ({"several": {"x": {}}}, "Key `o.several.x.kind` is missing in a file."),
        (
            {"several": {"x": 3}},
            "Setting `o.several.x` = 3 in a file is refused: it should be a mapping of settings.",
        ),
        (
            {"one": {"kind": "that", "names": [3]}},
            "Setting `o.one.names.0` = 3 in a file is refused: it should be a valid string.",
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


class Told(Section):
    value: str

    @pydantic.field_validator("value")
    @classmethod
    def _never(cls, value: str) -> str:
        raise ValueError(f"it says {value}, which nobody wants; leave it out")


def test_the_fix_stands_behind_a_value_however_long_it_is() -> None:
    with pytest.raises(pydantic.ValidationError) as raised:
        Told(value="x" * 100_000)
    said = refusal(raised.value, Told)
    assert said.endswith("xxx, which nobody wants; leave it out.")
    assert "refused: it says xxx" in said
    assert len(said) < 900
