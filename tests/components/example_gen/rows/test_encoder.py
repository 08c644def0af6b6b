import pytest
import tensorflow as tf

from components.example_gen.formats.format import BadRow, Batch
from components.example_gen.rows.encoder import Encoder, columns_of
from components.example_gen.splits import SplitOptions
from models.declaration import Declaration

DECLARATION = Declaration.model_validate(
    {
        "features": {
            "fare": {"kind": "number"},
            "zürich": {"kind": "category"},
            "id": {"kind": "ignore"},
        },
        "label": {"name": "paid", "kind": "classes", "values": ["no", "yes"]},
    }
)


def batch(**cells):
    rows = len(next(iter(cells.values())))
    return Batch("t.csv", list(range(2, 2 + rows)), cells)


def encode(found, declaration=DECLARATION, **split):
    return Encoder(declaration, SplitOptions(**split)).encode(found)


def parsed(encoded):
    examples = [tf.train.Example.FromString(e) for of in encoded.examples.values() for e in of]
    return [
        {
            name: list(getattr(of, of.WhichOneof("kind")).value)
            for name, of in e.features.feature.items()
        }
        for e in examples
    ]


def test_values_of_each_kind_and_nothing_for_missing_ones():
    encoded = encode(
        batch(fare=["1.5", "NA"], zürich=["", "ä"], paid=["yes", "no"]), test=0, eval=1, train=10**6
    )
    assert parsed(encoded) == [
        {"fare": [1.5], "paid": [1]},
        {"zürich": ["ä".encode()], "paid": [0]},
    ]
    assert encoded.filled == {"fare": 1, "zürich": 1, "paid": 2}
    assert encoded.labels == {"train": {0: 1, 1: 1}}


def test_entries_are_sorted_as_messages_have_them():
    [example] = encode(batch(fare=["1"], zürich=["x"], paid=["no"])).examples.popitem()[1]
    again = tf.train.Example.FromString(example).SerializeToString(deterministic=True)
    assert example == again


def test_bad_rows_say_their_first_reason_and_place():
    encoded = encode(
        batch(fare=["cheap", "1", "1"], zürich=["a", "b", "c"], paid=["oui", "yess", "yes"])
    )
    assert encoded.bad == [
        BadRow(
            "t.csv",
            2,
            "column fare holds 'cheap', which is no number; declare missing: ['cheap'] if it stands"
            " for nothing",
        ),
        BadRow(
            "t.csv", 3, "column paid holds 'yess', which label.values do not name (is it 'yes'?)"
        ),
    ]
    assert len(parsed(encoded)) == 1
    assert encoded.filled["fare"] == 1


@pytest.mark.parametrize("paid", [["yes", "no"], ["yes", "yes"]])
def test_equal_features_fall_into_one_split_whatever_their_label(paid):
    rows = 300
    cells = {"fare": [str(row) for row in range(rows)], "zürich": ["x"] * rows}
    first = encode(batch(**cells, paid=[paid[0]] * rows)).examples
    second = encode(batch(**cells, paid=[paid[1]] * rows)).examples
    assert {split: len(of) for split, of in first.items()} == {
        split: len(of) for split, of in second.items()
    }
    fares = [{e["fare"][0] for e in parsed(encode_only(of))} for of in (first, second)]
    assert fares[0] == fares[1]


def encode_only(examples):
    return type("Only", (), {"examples": {"train": examples["train"]}})


def test_a_column_may_decide_on_the_split_without_being_a_feature():
    found = batch(
        fare=["1", "2", "3"], zürich=["", "", ""], paid=["no"] * 3, part=["train", "val", "?"]
    )
    encoded = encode(found, by="column", column="part")
    assert {split: len(of) for split, of in encoded.examples.items()} == {"train": 1, "eval": 1}
    assert encoded.bad[0].line == 4
    assert encoded.bad[0].reason.startswith("column part holds '?', which names no split")
    columns = columns_of(DECLARATION, SplitOptions(by="column", column="part"))
    assert columns.needed == ("fare", "zürich", "paid", "part")
    assert columns.known == {"fare", "zürich", "id", "paid", "part"}


def test_tags_are_several_values():
    declaration = Declaration.model_validate(
        {
            "features": {"fare": {"kind": "number"}},
            "label": {"name": "tags", "kind": "tags", "values": ["b", "a"]},
        }
    )
    encoded = encode(batch(fare=["1", "2"], tags=["a|b", ""]), declaration, train=10**6, test=0)
    assert [row["tags"] for row in parsed(encoded)] == [[b"b", b"a"], []]
    assert encoded.labels == {}


def test_tags_may_have_a_column_each():
    label = {"name": "genres", "kind": "tags", "values": ["war", "art"]}
    flags = {"is_art": "art", "is_war": "war"}
    features = {"fare": {"kind": "number"}}
    declaration = Declaration.model_validate(
        {"features": features, "label": {**label, "flags": flags}}
    )
    assert columns_of(declaration, SplitOptions()).needed == ("fare", "is_art", "is_war")
    encoded = encode(
        batch(fare=["1", "2", "3", "4"], is_art=["1", "no", "", "2"], is_war=["X", "0", "1", "0"]),
        declaration,
        **{"test": 0, "eval": 1, "train": 10**6},
    )
    assert [row["genres"] for row in parsed(encoded)] == [[b"war", b"art"], [], [b"war"]]
    assert [row.reason for row in encoded.bad] == ["column 'is_art' holds '2', neither 1 nor 0"]
    both = {**features, "is_war": {"kind": "ignore"}, "is_art": {"kind": "number"}}
    with pytest.raises(ValueError, match=r"'is_art' is one of label\.flags, so it can be no"):
        Declaration.model_validate({"features": both, "label": {**label, "flags": flags}})
    with pytest.raises(ValueError, match="flags name the tag 'love', which values do not"):
        Declaration.model_validate(
            {"features": features, "label": {**label, "flags": {"is_love": "love"}}}
        )


def test_a_label_is_computed_from_columns_that_need_be_no_features():
    declaration = Declaration.model_validate(
        {
            "features": {"fare": {"kind": "number"}, "tips": {"kind": "ignore"}},
            "label": {
                **{"name": "big", "kind": "classes", "values": ["no", "yes"]},
                "formula": "tips > 0.2 * fare",
            },
        }
    )
    columns = columns_of(declaration, SplitOptions())
    assert columns.needed == ("fare", "tips")
    encoded = encode(
        batch(fare=["10", "10", "10", "10"], tips=["3", "1", "", "0x5"]),
        declaration,
        **{"test": 0, "eval": 1, "train": 10**6},
    )
    assert parsed(encoded) == [{"big": [1], "fare": [10.0]}, {"big": [0], "fare": [10.0]}]
    assert [row.reason for row in encoded.bad] == [
        "column big holds no label",
        "column big is computed, and column 'tips' holds '0x5', which is no number",
    ]
    assert encoded.labels == {"train": {1: 1, 0: 1}}


TRUTHS = [True, False, None]


@pytest.mark.parametrize(
    "later",
    [
        [1, 0, None],
        [1.0, 0.0, float("nan")],
        ["True", "False", ""],
        ["1", "0", "NA"],
        ["yes", " No ", "null"],
        [b"TRUE", b"FALSE", None],
    ],
)
def test_truths_are_the_same_categories_whatever_type_a_later_span_has(later):
    features = {"zürich": {"kind": "category", "boolean": True}}
    declaration = Declaration.model_validate(
        {"features": features, "label": {"name": "paid", "kind": "number"}}
    )
    found = [
        encode(batch(zürich=cells, paid=["1", "2", "3"]), declaration, test=0, eval=1, train=10**6)
        for cells in (TRUTHS, later)
    ]
    assert found[0] == found[1]
    assert found[0].filled["zürich"] == 2
    [bad] = encode(batch(zürich=["maybe"], paid=["1"]), declaration).bad
    assert bad.reason == "column zürich holds 'maybe', which is neither true nor false"


@pytest.mark.parametrize(
    "later",
    [["1.0", "12.0", "x", ""], [1.0, 12.0, "x", float("nan")], [" 1", "12.00", b"x", None]],
)
def test_whole_numbers_are_the_same_categories_once_one_is_missing(later):
    features = {"zone": {"kind": "category", "whole": True}}
    declaration = Declaration.model_validate(
        {"features": features, "label": {"name": "paid", "kind": "number"}}
    )
    found = [
        encode(batch(zone=cells, paid=["1", "2", "3", "4"]), declaration, test=0, eval=1, train=9)
        for cells in (["1", "12", "x", ""], later)
    ]
    assert found[0] == found[1]


def test_a_category_is_read_as_truths_or_as_whole_numbers():
    features = {"zone": {"kind": "category", "boolean": True, "whole": True}}
    label = {"name": "paid", "kind": "number"}
    with pytest.raises(ValueError, match="boolean and whole are two ways to read a cell"):
        Declaration.model_validate({"features": features, "label": label})


def test_a_default_of_truths_is_one_of_the_two_categories():
    label = {"name": "paid", "kind": "number"}
    for default, is_one in (("true", True), ("True", False), ("yes", False)):
        features = {"vip": {"kind": "category", "boolean": True, "default": default}}
        if is_one:
            Declaration.model_validate({"features": features, "label": label})
        else:
            with pytest.raises(ValueError, match="neither 'true' nor 'false', as boolean has them"):
                Declaration.model_validate({"features": features, "label": label})
