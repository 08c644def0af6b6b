"""Whether an answer is right: form, rules and company."""

from __future__ import annotations

import numpy as np
import pytest

from components.serving_check.judge import Judge
from components.serving_check.pool import Pool
from components.serving_check.reference import MissingReferenceError, Reference
from documents.questions import Question, Questions
from tests.fashion_mnist import CHECK_OPTIONS
from tests.there import there

OPTIONS = CHECK_OPTIONS.model_copy(update={"image_shape": (2, 2)})
PROBABILITIES = np.array([[0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], np.float32)
DECLARED = {
    "probabilities": {
        "dtype": "DT_FLOAT",
        "tensor_shape": {"dim": [{"size": "-1"}, {"size": "2"}]},
    },
    "label": {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": "-1"}]}},
    "embedding": {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": "-1"}, {"size": "-1"}]}},
}


def example(*pixels):
    import tensorflow as tf

    made = tf.train.Example()
    made.features.feature["image"].bytes_list.value.append(bytes(pixels))
    return made.SerializeToString()


@pytest.fixture(scope="module")
def reference():
    edge = Question.of("all zero", example(0, 0, 0, 0), (0.6, 0.4))
    questions = Questions(labels=("no", "yes"), examples=(edge,))
    examples = [example(1, 2, 3, 4), example(5, 6, 7, 8)]
    return Reference(examples, PROBABILITIES[:2], questions)


@pytest.fixture(scope="module")
def pool(reference):
    return Pool(OPTIONS.signatures["serving_default"], reference, OPTIONS)


def answer(*places):
    rows = PROBABILITIES[list(places)]
    return {
        "probabilities": rows,
        "label": np.array([b"no" if row[0] > row[1] else b"yes" for row in rows] + [None], object)[
            :-1
        ],
        "embedding": np.array([[place, 1.5] for place in places], np.float32).reshape(-1, 2),
    }


def problem(reference, pool, *places, **changes):
    return Judge(reference, OPTIONS).problem(
        "s", {**answer(*places), **changes}, DECLARED, pool, places
    )


@pytest.mark.parametrize("places", [(), (0,), (2, 0, 1), (1, 1, 1)])
def test_a_right_answer_to_any_batch_has_no_problem(reference, pool, places):
    assert problem(reference, pool, *places) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"label": np.array([b"yes", b"yes"], object)},
            "label of s is yes instead of no for “all zero” at place 2 of 2",
        ),
        (
            {"probabilities": PROBABILITIES[[0, 0]]},
            "probabilities of s is 0.2, 0.8 instead of 0.6, 0.4 for “all zero” at place 2 of 2",
        ),
        (
            {"probabilities": PROBABILITIES[[0, 2]].astype(np.float64)},
            "probabilities of s is float64 instead of DT_FLOAT for example 0 at place 1 of 2",
        ),
        (
            {"probabilities": PROBABILITIES[:1]},
            "probabilities of s is of shape [1, 2] for example 0 at place 1 of 2",
        ),
        (
            {"embedding": np.array([[0, 1], [0, np.nan]], np.float32)},
            "embedding of s is what is not a number, or infinite for “all zero” at place 2 of 2",
        ),
        ({"more": np.zeros(2)}, "more of s is there, though not declared"),
        ({"embedding": np.float32(1)}, "embedding of s is of shape []"),
    ],
)
def test_what_is_wrong_is_said_with_output_input_and_place(reference, pool, changes, said):
    assert problem(reference, pool, 0, 2, **changes).startswith(said)


@pytest.mark.parametrize("better", [b"yes", b"no"])
def test_a_label_is_that_of_the_probabilities_beside_it(better):
    """However near two of them are to one another, to who knows another answer to it."""
    near = Reference(
        [example(1, 2, 3, 4)], np.array([[0.5, 0.5]], np.float32), Questions(labels=("no", "yes"))
    )
    likely = np.array([[0.50001, 0.49999]], np.float32)
    if better == b"yes":
        likely = likely[:, ::-1].copy()
    outputs = {"probabilities": likely, "label": np.array([b"yes"], object)}
    found = Judge(near, OPTIONS).problem(
        "s",
        outputs,
        {name: DECLARED[name] for name in outputs},
        Pool(OPTIONS.signatures["serving_default"], near, OPTIONS),
        [0],
    )
    if better == b"yes":
        assert found is None
    else:
        assert found == "label of s is yes instead of no for example 0 asked alone"


def test_an_output_without_a_rule_is_the_same_in_any_company(reference, pool):
    judge = Judge(reference, OPTIONS)
    assert judge.problem("s", answer(0, 1), DECLARED, pool, [0, 1]) is None
    assert judge.problem("s", answer(1, 2, 0), DECLARED, pool, [1, 2, 0]) is None
    changed = answer(2, 1)
    changed["embedding"][1] += 1
    found = judge.problem("s", changed, DECLARED, pool, [2, 1])
    assert found == "embedding of s is another one than before for example 1 at place 2 of 2"


def test_answers_that_nobody_knows_must_agree_with_themselves(reference):
    judge = Judge(reference, OPTIONS)
    outputs = answer(0, 1)
    assert judge.inconsistency("s", outputs, DECLARED, 2) is None
    outputs["label"] = outputs["label"][::-1]
    assert judge.inconsistency("s", outputs, DECLARED, 2) == "label of s is no instead of yes"
    half = {**answer(0), "probabilities": np.array([[0.5, 0.4]], np.float32)}
    assert "no probabilities" in there(judge.inconsistency("s", half, DECLARED, 1))


def test_classes_and_scores_of_classify_are_held_too(reference, pool):
    judge = Judge(reference, OPTIONS)
    right = {
        "classes": np.array([[b"yes", b"no"], [b"no", b"yes"]], object),
        "scores": np.array([[0.8, 0.2], [0.6, 0.4]], np.float32),
    }
    assert judge.classification("s", right, pool, [0, 2]) is None
    wrong = {**right, "scores": right["scores"][::-1]}
    told = "scores of s is 0.6, 0.4 instead of 0.8, 0.2"
    assert judge.classification("s", wrong, pool, [0, 2]) == f"{told} for {pool.name(0)}"
    # Without the other part they are in the order of the labels, or from the best one down.
    in_order = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32)
    assert judge.classification("s", {"scores": in_order}, pool, [0, 2]) is None
    told = "scores of s is 0.8, 0.2 instead of 0.2, 0.8"
    assert there(judge.classification("s", {"scores": right["scores"]}, pool, [0, 2])).startswith(
        told
    )
    assert judge.classification("s", {"classes": right["classes"]}, pool, [0, 2]) is None
    swapped = {"classes": right["classes"][:, ::-1]}
    told = f"classes of s is no, yes instead of yes, no for {pool.name(0)}"
    assert judge.classification("s", swapped, pool, [0, 2]) == told
    unnamed = OPTIONS.model_copy(update={"signatures": {}})
    bare = Judge(Reference(reference.examples, reference.probabilities), unnamed)
    assert bare.classification("s", wrong, pool, [0, 2]) is None


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_a_number_is_what_regress_answers(shape):
    numbers = Reference([example(1), example(2)], np.array([[3.0], [7.0]], np.float32))
    unnamed = OPTIONS.model_copy(update={"image_shape": (1, 1)})
    pool = Pool(unnamed.signatures["serving_default"], numbers, unnamed)
    judge = Judge(numbers, unnamed.model_copy(update={"signatures": {}}))
    right = {"outputs": np.array([3.0, 7.0], np.float32).reshape(shape)}
    assert judge.regression("s", right, pool, [0, 1]) is None
    assert (
        judge.regression("s", right, pool, [1, 0]) == "outputs of s is 3 instead of 7 for example 1"
    )
    assert judge.regression("s", {"others": right["outputs"]}, pool, [1, 0]) is None


def test_what_regress_answers_of_classes_nobody_knows(reference, pool):
    judge = Judge(reference, OPTIONS)
    assert judge.regression("s", {"outputs": np.zeros(1, np.float32)}, pool, [0]) is None


def test_an_output_of_any_rank_may_have_every_shape_that_has_a_row_for_each_input(reference, pool):
    declared = {
        **DECLARED,
        "embedding": {"dtype": "DT_FLOAT", "tensor_shape": {"unknown_rank": True}},
    }
    found = answer(0, 1)
    found["embedding"] = np.zeros((2, 3, 1), np.float32)
    assert Judge(reference, OPTIONS).problem("s", found, declared, pool, [0, 1]) is None
    found["embedding"] = np.zeros((1, 3, 1), np.float32)
    told = "embedding of s is of shape [1, 3, 1] for "
    assert there(Judge(reference, OPTIONS).problem("s", found, declared, pool, [0, 1])).startswith(
        told
    )


def test_an_output_with_a_rule_needs_no_company(reference, pool):
    # Two answers that tie: each is right, and nobody minds that it was another one before.
    tie = Questions(labels=("no", "yes"), examples=())
    half = np.array([[0.5, 0.5]], np.float32)
    even = Reference([example(1, 2, 3, 4)], half, tie)
    asked = Pool(OPTIONS.signatures["serving_default"], even, OPTIONS)
    judge = Judge(even, OPTIONS)
    for label in (b"no", b"yes"):
        outputs = {"probabilities": half, "label": np.array([label], object)}
        declared = {name: DECLARED[name] for name in outputs}
        assert judge.problem("s", outputs, declared, asked, [0]) is None


def test_without_the_list_of_labels_a_signature_with_labels_cannot_be_held(reference):
    bare = Reference(reference.examples, reference.probabilities)
    with pytest.raises(MissingReferenceError, match="needs the list of labels to hold label"):
        Judge(bare, OPTIONS)


def test_numbers_that_happen_to_be_from_0_to_1_may_be_others_elsewhere(reference):
    """Of probabilities alone it is known that none is greater."""
    known = np.array([[0.2], [0.9]], np.float32)
    for labels, said in (((), None), (("yes",), "1.4")):
        edge = Question.of("far away", reference.examples[0], (1.4,))
        questions = Questions(labels=labels, examples=(edge,))
        numbers = Reference(reference.examples, known, questions)
        pool = Pool(OPTIONS.signatures["serving_default"], numbers, OPTIONS)
        found = {"probabilities": np.array([[1.4]], np.float32)}
        declared = {"probabilities": {"dtype": "DT_FLOAT", "tensor_shape": {"unknown_rank": True}}}
        problem = Judge(numbers, OPTIONS).problem("s", found, declared, pool, [2])
        assert (problem is None) == (said is None)
