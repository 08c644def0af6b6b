"""The sentence of a refusal."""

from components.serving_check.checks.check import Check, refusal
from tests.there import there

PASS = Check("loads", True, "AVAILABLE within 60 s", "AVAILABLE after 2.00 s")
SLOW = Check("latency p99", False, "≤ 5 ms", "7.10 ms over 200 requests")
FAT = Check("memory", False, "peak ≤ 500 MB", "612 MB")


def test_nothing_is_refused_when_every_check_passes():
    assert refusal([PASS, PASS]) is None


def test_a_refusal_names_the_check_the_expected_and_the_found():
    assert refusal([PASS, SLOW]) == (
        "ServingCheck: latency p99: expected ≤ 5 ms, found 7.10 ms over 200 requests."
    )


def test_a_refusal_counts_the_other_failing_checks():
    assert there(refusal([SLOW, FAT, PASS])).endswith("requests; 1 more check fails.")
    assert there(refusal([SLOW, FAT, FAT])).endswith("requests; 2 more checks fail.")


def test_a_refusal_ends_in_one_full_stop():
    check = Check("loads", False, "AVAILABLE", "the server ended; it said: Aborted.")
    assert there(refusal([check])).endswith("said: Aborted.")
