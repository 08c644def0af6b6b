from __future__ import annotations

import pytest

from serving.backends.ending import Ending, blames_machine


@pytest.mark.parametrize(
    ("code", "outside", "words"),
    [
        (1, False, "ended with exit code 1"),
        (255, False, "ended with exit code 255"),
        (-9, True, "runs out of memory"),
        (137, True, "runs out of memory"),
        (-15, True, "was ended by SIGTERM"),
        (143, True, "was ended by SIGTERM"),
        (-4, True, "was ended by SIGILL"),
        (-24, True, "was ended by SIGXCPU"),
        (-11, False, "was ended by SIGSEGV"),
        (139, False, "was ended by SIGSEGV"),
        (-6, False, "was ended by SIGABRT"),
    ],
)
def test_a_crash_can_be_the_models_and_a_kill_cannot(code: int, outside: bool, words: str):
    assert Ending(code).from_outside == outside
    assert words in str(Ending(code))
    assert Ending(code).may_come_from_outside == ("SIGSEGV" in words or "SIGABRT" in words)


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        (-9, "memory"),
        (137, "memory"),
        (-4, "this processor"),
        (-24, "ulimit -t"),
        (-15, "who sent"),
        (0, "who sent"),
    ],
)
def test_what_to_do_about_a_kill_is_said(code: int, mend: str):
    assert mend in Ending(code).mend


@pytest.mark.parametrize(
    ("reason", "machine"),
    [
        ("NOT_FOUND: Could not find SavedModel .pb or .pbtxt", False),
        ("INVALID_ARGUMENT: Input x is expected to be float", False),
        ("FAILED_PRECONDITION: Could not find variable dense/kernel", False),
        ("DEADLINE_EXCEEDED: Timed out waiting for notification", False),
        ("RESOURCE_EXHAUSTED: /base/1/saved_model.pb; Too many open files", True),
        ("RESOURCE_EXHAUSTED: OOM when allocating tensor with shape[1000000]", True),
        ("PERMISSION_DENIED: /base/1/saved_model.pb; Permission denied", True),
        ("INTERNAL: MemoryError: ", True),
        ("INTERNAL: ModuleNotFoundError: No module named 'google'", True),
        ("terminate called after throwing an instance of 'std::bad_alloc'", True),
        ("RuntimeError: can't start new thread", True),
        ("Failed generating seed-material for URBG. | terminate called without", True),
        ("what():  random_device::random_device(const std::string&)", True),
        ("Check failed: ret == 0 (11 vs. 0) Thread creation via pthread_create() failed.", True),
        ("UNKNOWN: /tmp/x; No space left on device", True),
    ],
)
def test_what_the_machine_lacks_is_told_from_what_the_model_lacks(reason: str, machine: bool):
    assert blames_machine(reason) == machine
