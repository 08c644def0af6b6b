"""When a candidate counts as loaded."""

from components.serving_check.checks.load import failed, judge
from components.serving_check.options import Options


def test_loading_has_a_budget():
    assert judge(59.0, Options()).ok
    check = judge(61.0, Options())
    assert (check.ok, check.expected) == (False, "AVAILABLE within 60 s")
    assert check.found == "AVAILABLE after 61.00 s"


def test_what_a_busy_machine_took_does_not_count():
    check = judge(61.0, Options(), waited=15.0)
    assert check.ok
    assert check.found == "AVAILABLE after 61.00 s, 15.0 s of them without a processor"
    assert not judge(80.0, Options(), waited=15.0).ok
    assert judge(5.0, Options(), waited=3.0).found == "AVAILABLE after 5.00 s"
    at_last = judge(60.0, Options(), waited=3.0)
    assert (at_last.ok, at_last.found) == (True, "AVAILABLE after 60.00 s")
    assert judge(63.0, Options(), waited=3.0).ok


def test_what_kept_the_server_from_loading_is_found():
    check = failed("The model server ended: no variables", Options())
    assert not check.ok
    assert check.found == "the model server ended: no variables"
