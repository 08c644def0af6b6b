from __future__ import annotations

import pytest

from components.serving_check.checks.first_request import FirstRequest, judge
from components.serving_check.options import Options


@pytest.mark.parametrize(
    ("first", "steady", "ok"),
    [(3.0, 1.0, True), (19.0, 1.0, True), (21.0, 1.0, False), (30.0, 10.0, True), (31, 10, False)],
)
def test_thrice_the_steady_p50_or_twenty_milliseconds(first, steady, ok):
    assert judge(FirstRequest(first, steady), Options())[0].ok == ok
