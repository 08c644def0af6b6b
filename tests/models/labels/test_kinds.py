from __future__ import annotations

from decimal import Decimal

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_metadata.proto.v0 import schema_pb2

from documents.cells.cell import CellError
from models.labels.classes.kind import Classes
from models.labels.number.kind import NumberLabel
from models.labels.tags.kind import Tags

LETTERS = Classes(name="letter", kind="classes", values=["A", "B", "C"], first=1)
MAPPED = Classes(name="l", kind="classes", values={"10": "ten", "20": "twenty", "yes": "word"})
TAGS = Tags(name="t", kind="tags", values=["red", "green", "blue"])

names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20)


@given(st.lists(names, min_size=2, max_size=70, unique=True), st.integers(0, 100))
def test_classes_are_found_by_name_and_by_number(values: list[str], first: int) -> None:
    label = Classes(name="label", kind="classes", values=values, first=first)
    assert [label.value(name) for name in label.names] == list(range(len(values)))
    assert [label.codes[first + index] for index in range(len(values))] == list(range(len(values)))


def test_numbers_begin_where_the_data_do() -> None:
    assert [LETTERS.value(code) for code in (1, 2, 3)] == [0, 1, 2]
    for code in (0, 4):
        with pytest.raises(CellError, match=r"which label\.values do not name"):
            LETTERS.value(code)


def test_a_mapping_names_what_the_data_hold() -> None:
    assert MAPPED.names == ("ten", "twenty", "word")
    assert [MAPPED.value(cell) for cell in (10, "20", 20.0, "yes", b"yes")] == [0, 1, 1, 2, 2]
    assert MAPPED.codes == {10: 0, 20: 1}


def test_an_undeclared_class_is_refused_with_the_closest() -> None:
    label = Classes(name="l", kind="classes", values=["Coat", "Bag"])
    with pytest.raises(CellError, match=r"holds 'coat', .* \(is it 'Coat'\?\)"):
        label.value("coat")
    answer = Classes(name="l", kind="classes", values=["yes", "no"])
    with pytest.raises(CellError, match=r"holds 'No', .* \(is it 'no'\?\)"):
        answer.value("No")


@pytest.mark.parametrize("cell", [None, "", " ", float("nan")])
def test_no_class_and_no_number_is_no_label(cell: object) -> None:
    for label in (LETTERS, NumberLabel(name="n", kind="number")):
        with pytest.raises(CellError, match=r"^holds no label$"):
            label.value(cell)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["A"], "2 to 10,000 classes"),
        ([], "2 to 10,000 classes"),
        (["A", "A"], "'A' twice"),
        ({"1": "A", "2": "A"}, "'A' twice"),
        ([True, False], "True is no text; put each value in quotes"),
        ({"1": 2}, "2 is no text"),
    ],
)
def test_values_have_to_make_sense(values: object, why: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=why):
        Classes.model_validate({"name": "l", "kind": "classes", "values": values})


def test_a_mapping_has_no_first() -> None:
    with pytest.raises(pydantic.ValidationError, match="first is for a list"):
        Classes(name="l", kind="classes", values={"1": "A", "2": "B"}, first=1)


def test_a_number_is_a_number() -> None:
    label = NumberLabel(name="price", kind="number")
    assert label.value("12.5") == 12.5
    with pytest.raises(CellError, match="no number"):
        label.value("cheap")


@given(st.lists(st.sampled_from(["red", " green", "blue ", ""])))
def test_tags_are_held_once_in_the_declared_order(tags: list[str]) -> None:
    wanted = [name.encode() for name in TAGS.values if name in {tag.strip() for tag in tags}]
    assert TAGS.value("|".join(tags)) == TAGS.value(tags) == wanted


def test_a_row_may_have_no_tag() -> None:
    assert TAGS.value(None) == TAGS.value("") == TAGS.value(float("nan")) == []
    assert TAGS.value("NaN") == TAGS.value("None") == TAGS.value(" - ") == []


def test_an_undeclared_tag_is_refused() -> None:
    with pytest.raises(CellError, match=r"the tag 'pink', which label\.values do not name"):
        TAGS.value("red|pink")


def test_a_tag_cannot_hold_the_separator() -> None:
    with pytest.raises(pydantic.ValidationError, match="is in the tag 'a;b'"):
        Tags(name="t", kind="tags", values=["a;b"], separator=";")


FARE = NumberLabel(name="fare", kind="number", formula="tips * 2")


@pytest.mark.parametrize(
    ("label", "columns", "stored", "outputs", "answer"),
    [
        (LETTERS, ("letter",), "INT", {"probabilities": (-1, 3)}, {"label": (-1,), "score": (-1,)}),
        (FARE, ("tips",), "FLOAT", {"prediction": (-1,)}, {}),
        (TAGS, ("t",), "BYTES", {"probabilities": (-1, 3)}, {"tags": (-1,)}),
    ],
)
def test_what_is_read_stored_and_answered(label, columns, stored, outputs, answer) -> None:
    assert label.columns == columns
    feature = label.schema_feature()
    assert (feature.name, schema_pb2.FeatureType.Name(feature.type)) == (label.name, stored)
    assert feature.presence.min_count == 1
    assert feature.presence.min_fraction == (0 if label is TAGS else 1)
    assert feature.HasField("shape") is (label is not TAGS)
    assert {name: tensor.shape for name, tensor in label.outputs.items()} == outputs
    assert {name: tensor.shape for name, tensor in label.answer.items()} == {**outputs, **answer}
    texts = {name for name, tensor in label.answer.items() if tensor.dtype == "DT_STRING"}
    assert texts == {"label", "tags"} & {*answer}
    assert {tensor.dtype for tensor in label.outputs.values()} == {"DT_FLOAT"}


@pytest.mark.parametrize("cell", [-(10**18), "-1000000000000000000", -1e18, Decimal(-(10**18))])
def test_a_number_that_is_estimated_may_be_long(cell: object) -> None:
    assert NumberLabel(name="n", kind="number").value(cell) == -1e18


def test_nothing_in_a_list_of_tags_is_no_tag() -> None:
    assert [TAGS.value(cell) for cell in ([None], ["green", None, ""])] == [[], [b"green"]]


def test_a_schema_holds_what_was_declared_and_no_more() -> None:
    domain = LETTERS.schema_feature().int_domain
    assert (domain.min, domain.max, domain.is_categorical) == (0, 2, True)
    tags = TAGS.schema_feature()
    assert (tags.value_count.min, tags.value_count.max) == (0, 3)
    assert list(tags.string_domain.value) == ["red", "green", "blue"]


def test_numbers_begin_with_nought_where_nothing_is_said() -> None:
    label = Classes(name="l", kind="classes", values=["A", "B"])
    assert label.codes == {0: 0, 1: 1}


@pytest.mark.parametrize(
    ("values", "cells", "names"),
    [
        # As Parquet, JSON Lines and tf.Examples hold what a CSV file writes as 1, 2, 3.
        (["1", "2", "3"], [1, 2, 3, 1.0, "1", "2.0", "3.", b"1"], "1 2 3 1 1 2 3 1"),
        (["3", "4", "5", "6"], [3, 4, 5, 6], "3 4 5 6"),
        (["1.0", "2.0"], [1, 2, 1.0, "1", "2.00"], "1.0 2.0 1.0 1.0 2.0"),
        (["10", "0", "-1", "none"], [0, 10, -1, "none"], "0 10 -1 none"),
        (["0.5", "1.0"], [0.5, 1, "0.50"], "0.5 1.0 0.5"),
        # Numbers that are no name are places, as long as none could be either.
        (["2015", "2016"], [0, 1, 2015, "2016.0"], "2015 2016 2015 2016"),
        (["no", "yes"], [0, 1, 1.0], "no yes yes"),
    ],
)
def test_a_number_is_the_class_that_is_called_so(
    values: list[str], cells: list[object], names: str
) -> None:
    label = Classes(name="l", kind="classes", values=values)
    assert " ".join(label.names[label.value(cell)] for cell in cells) == names


def test_what_counts_from_where_is_followed_where_it_is_said() -> None:
    label = Classes(name="l", kind="classes", values=["1", "2", "3"], first=0)
    assert [label.value(code) for code in (0, 1, 2)] == [0, 1, 2]
    label = Classes(name="l", kind="classes", values=["1", "2", "3"])
    for wrong in (0, 4, "01", "1e0", 1.5, "1.0.0"):
        with pytest.raises(CellError, match=r"which label\.values do not name"):
            label.value(wrong)
    # Nobody can say which of both 1.00 is.
    both = Classes(name="l", kind="classes", values=["1", "1.0"])
    assert [both.value(cell) for cell in ("1", "1.0")] == [0, 1]
    with pytest.raises(CellError, match=r"which label\.values do not name"):
        both.value("1.00")


def test_a_truth_is_a_class_only_where_a_formula_made_it() -> None:
    plain = Classes(name="l", kind="classes", values=["no", "yes"])
    made = Classes(name="l", kind="classes", values=["no", "yes"], formula="a > 1")
    assert [made.value(cell) for cell in (False, True)] == [0, 1]
    for cell in (False, True):
        with pytest.raises(CellError, match=r"which label\.values do not name"):
            plain.value(cell)


def test_ten_thousand_names_are_the_most_and_told_apart_at_once() -> None:
    many = [f"class {number}" for number in range(10_000)]
    assert len(Classes(name="l", kind="classes", values=many).names) == 10_000
    assert len(Tags(name="l", kind="tags", values=many).names) == 10_000
    with pytest.raises(
        pydantic.ValidationError, match="values must name 2 to 10,000 classes, and name 10001"
    ):
        Classes(name="l", kind="classes", values=[*many, "one more"])


@pytest.mark.parametrize("kind", ["classes", "tags"])
def test_the_first_name_that_stands_twice_is_said(kind: str) -> None:
    declared = {"name": "l", "kind": kind, "values": ["x", "b", "a", "a", "b"]}
    with pytest.raises(pydantic.ValidationError, match="values name 'b' twice"):
        (Classes if kind == "classes" else Tags).model_validate(declared)


FLAGS = Tags(
    name="f", kind="tags", values=["sea", "sand"], flags={"at sea": "sea", "on sand": "sand"}
)


@pytest.mark.parametrize(
    ("sea", "sand", "found"),
    [
        ("1", "0", ["sea"]),
        (" YES ", "x", ["sea", "sand"]),
        (None, float("nan"), []),
        ("", True, ["sand"]),
        (1.0, 0, ["sea"]),
    ],
)
def test_columns_of_flags_are_gathered_to_the_tags_they_say(
    sea: object, sand: object, found: list[str]
) -> None:
    assert FLAGS.columns == ("at sea", "on sand")
    assert FLAGS.gathered({"at sea": sea, "on sand": sand}) == found
    assert FLAGS.value(FLAGS.gathered({"at sea": sea, "on sand": sand})) == [
        tag.encode() for tag in found
    ]


def test_a_flag_says_yes_or_no() -> None:
    with pytest.raises(CellError, match=r"^'on sand' holds '2', neither 1 nor 0$"):
        FLAGS.gathered({"at sea": "1", "on sand": "2"})
    with pytest.raises(pydantic.ValidationError, match="flags name the tag 'ice', which values do"):
        Tags(name="f", kind="tags", values=["sea"], flags={"frozen": "ice"})


def test_a_tag_may_be_called_like_a_word_for_nothing() -> None:
    label = Tags(name="t", kind="tags", values=["none", "some"], threshold=0.25, separator="; ")
    assert label.value("none") == [b"none"]
    assert label.value("none; some") == [b"none", b"some"]
    assert label.value("null") == []
    assert label.tagging.threshold == 0.25
    assert label.tagging.separator == "; "


def test_no_formula_makes_tags() -> None:
    with pytest.raises(pydantic.ValidationError, match="formula cannot make labels of kind tags"):
        Tags(name="t", kind="tags", values=["a"], formula="a > 1")


def test_the_closest_class_is_proposed_and_none_where_none_is_close() -> None:
    label = Classes(name="l", kind="classes", values=["Coat", "Coats", "Bag"])
    with pytest.raises(CellError) as error:
        label.value("Coate")
    assert str(error.value) == "holds 'Coate', which label.values do not name (is it 'Coat'?)"
    rings = Classes(name="rings", kind="classes", values=["2", "10"])
    with pytest.raises(CellError, match=r"holds '20', which label.values do not name$"):
        rings.value("20")
    with pytest.raises(CellError) as error:
        label.value("zzz")
    assert str(error.value) == "holds 'zzz', which label.values do not name"
