"""One row about many questions."""

import dataclasses

from components.serving_check.checks.asked import Asked, judge

RIGHT = Asked("serving_default", "gRPC", "batches of 0 to 64", 65, 2_080)


def test_all_right_says_how_much_was_asked():
    [check] = judge("sizes", "the same", [RIGHT, RIGHT])
    assert check.ok
    assert check.found == "130 requests with 4,160 examples, all right"


def test_the_first_problem_is_told():
    wrong = Asked("examples", "REST rows", "one by one", 1, 1, "label of examples is wrong")
    later = dataclasses.replace(wrong, problem="score of examples is wrong")
    [check] = judge("sizes", "the same", [RIGHT, wrong, later])
    assert not check.ok
    assert check.found == "label of examples is wrong"
