"""What is learned of tags and how they are answered, from the transform to the answer."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from components.evaluator.tag_labels import tag_labels
from documents.cells.cell import CellError
from models.labels.tags.head import TagsHead
from models.labels.tags.kind import Tags
from models.labels.transforms import transform

LABEL = Tags(name="about", kind="tags", values=["dear", "späte Ankunft", "late"], threshold=0.4)
HEAD = TagsHead(LABEL)


def _example(tags: list[bytes] | None) -> bytes:
    features = tf.train.Features()
    if tags is not None:
        features.feature["about"].bytes_list.value.extend(tags)
    return tf.train.Example(features=features).SerializeToString()


@given(st.lists(st.lists(st.sampled_from(LABEL.names), unique=True), min_size=1, max_size=5))
@settings(deadline=None)
def test_training_and_evaluation_read_the_same_tags(rows: list[list[str]]) -> None:
    examples = [_example(LABEL.value(tags)) for tags in rows]
    wanted = [[float(name in tags) for name in LABEL.names] for tags in rows]
    assert tag_labels(examples, LABEL.names, "about").tolist() == wanted
    parsed = tf.io.parse_example(examples, {"about": tf.io.VarLenFeature(tf.string)})
    assert transform(LABEL, parsed["about"]).numpy().tolist() == wanted


def test_a_row_without_the_feature_has_no_tag() -> None:
    assert tag_labels([_example(None)], LABEL.names, "about").tolist() == [[0, 0, 0]]


def test_likely_tags_are_answered_as_the_data_have_them() -> None:
    answer = HEAD.answer(tf.constant([[0.4, 0.9, 0.39], [0.1, 0.2, 0.3], [1.0, 1.0, 1.0]]))
    wanted = ["dear|späte Ankunft", "", "dear|späte Ankunft|late"]
    assert [text.decode() for text in answer["tags"].numpy()] == wanted
    assert set(answer) == set(LABEL.answer)
    assert [LABEL.value(text) for text in wanted[:2]] == [
        [b"dear", "späte Ankunft".encode()],
        [],
    ]


def test_no_row_is_answered_by_none() -> None:
    assert HEAD.answer(tf.zeros([0, 3]))["tags"].shape == (0,)


def test_the_loss_is_the_cross_entropy_of_each_tag_by_itself() -> None:
    logits, labels = tf.constant([[2.0, -1.0, 0.0]]), tf.constant([[1.0, 0.0, 1.0]])
    likely = tf.sigmoid(logits).numpy()[0]
    right = np.array([likely[0], 1 - likely[1], likely[2]])
    wrong = 1 - right
    assert HEAD.loss(logits, labels, 0.0).numpy() == pytest.approx(
        [-np.log(right).mean()], rel=1e-5
    )
    smoothed = -(0.95 * np.log(right) + 0.05 * np.log(wrong)).mean()
    assert HEAD.loss(logits, labels, 0.1).numpy() == pytest.approx([smoothed], rel=1e-5)


def test_decisions_are_measured_at_the_threshold() -> None:
    probabilities = np.array([[0.45, 0.3, 0.1], [0.3, 0.3, 0.9]], np.float32)
    labels = np.array([[1, 0, 0], [1, 0, 1]], np.float32)
    assert HEAD.evaluated(probabilities, labels) == pytest.approx(5 / 6)
    logits = tf.math.log(probabilities / (1 - probabilities))
    assert HEAD.measured(logits, labels).numpy() == pytest.approx([1, 2 / 3])


def test_the_loss_of_an_evaluation_is_the_mean_of_all_decisions() -> None:
    probabilities = np.array([[0.45, 0.3, 0.1], [0.0, 0.3, 0.9]], np.float32)
    labels = np.array([[1, 0, 0], [1, 0, 1]], np.float32)
    wanted = -np.log([0.45, 0.7, 0.9, 1e-30, 0.7, 0.9]).mean()
    assert HEAD.evaluation_loss(probabilities, labels) == pytest.approx(wanted, rel=1e-5)


def test_wrong_decisions_count_by_how_far_off_they_were_and_right_ones_not() -> None:
    probabilities = np.array([[0.45, 0.4, 0.1], [0.3, 0.39, 0.9]], np.float32)
    labels = np.array([[1, 0, 0], [1, 0, 1]], np.float32)
    assert HEAD.wrongness(probabilities, labels) == pytest.approx([0.4, 0.7])
    assert HEAD.told(probabilities[0], labels[0]) == ("dear|späte Ankunft", "dear")
    assert HEAD.told(probabilities[1], labels[1]) == ("late", "dear|late")
    assert HEAD.top(tf.constant(probabilities)) == {}
    assert HEAD.width == len(HEAD.names) == 3


def test_what_says_that_there_is_no_tag_is_none() -> None:
    tags = Tags(name="t", kind="tags", values=["a", "b"], missing=["(no genres listed)"])
    for cell in ("(no genres listed)", " (No Genres listed) ", ["(no genres listed)"], "", "NA"):
        assert tags.value(cell) == []
    assert tags.value("b|(no genres listed)|a") == [b"a", b"b"]
    with pytest.raises(CellError, match=r"holds the tag '\(no genre\)'"):
        tags.value("(no genre)")
    with pytest.raises(ValueError, match="'A' is in values and in missing"):
        Tags(name="t", kind="tags", values=["A", "b"], missing=["a"])


def test_lists_that_are_written_down_have_tags_apart() -> None:
    tags = Tags(name="t", kind="tags", values=["a, b", "c"])
    for cell in ('["c", "a, b"]', "['c', 'a, b']", "c|a, b", ["c", "a, b"], ("a, b", "c")):
        assert tags.value(cell) == [b"a, b", b"c"]
    assert tags.value("[]") == []
    assert tags.value('{"choices": ["c", "a, b"]}') == [b"a, b", b"c"]
    for cell in ("<c><a, b>", " <a, b><c>"):
        assert tags.value(cell) == [b"a, b", b"c"]
    for cell in ("<c><", "<>", "<c>|<d>"):
        with pytest.raises(CellError, match="holds the tag"):
            tags.value(cell)
    for cell in ("[c]", '["c"', '{"c": 1}', '{"a": ["c"], "b": []}', "{", "[1]", "[" * 5_000 + "]"):
        with pytest.raises(CellError, match="holds the tag"):
            tags.value(cell)


def test_a_tag_or_a_word_for_nothing_may_be_called_as_a_list_is_written() -> None:
    tags = Tags(name="t", kind="tags", values=["<a>", "b"], missing=["<none>"])
    assert tags.value("<a>") == [b"<a>"]
    assert tags.value("<b>") == [b"b"]
    assert tags.value("<none>") == []
