"""Whose fault it is when the serving check cannot go on."""

from __future__ import annotations

import errno

import pytest
import tensorflow as tf

from components.serving_check.answers import AnswerError
from components.serving_check.control import (
    LiveVersionError,
    MachineError,
    blaming_the_machine,
    is_of_the_machine,
    is_silence,
    machine_error,
    short_of_something,
)


def caused(error: Exception, by: BaseException) -> BaseException:
    """An error that another one brought about."""
    try:
        try:
            raise by
        except BaseException as first:
            raise error from first
    except Exception as second:
        return second


def while_handling(error: Exception, first: BaseException) -> BaseException:
    """An error that came while another one was seen to."""
    try:
        try:
            raise first
        except BaseException:
            raise error  # noqa: B904
    except Exception as second:
        return second


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (MemoryError(), True),
        (OSError(errno.EMFILE, "Too many open files"), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (caused(RuntimeError("no answer"), OSError(errno.EADDRNOTAVAIL, "no port")), True),
        (while_handling(ValueError("no answer"), MemoryError()), True),
        (caused(RuntimeError("x"), caused(OSError("y"), MemoryError())), True),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), False),
        (caused(RuntimeError("no answer"), OSError(errno.ENOENT, "No such file")), False),
        (ValueError("a wrong answer"), False),
        (RuntimeError("can't start new thread"), True),
        (ConnectionError("503: Failed to connect: Too many open files"), True),
    ],
)
def test_what_this_machine_lacks_is_found_behind_an_error(error, short):
    assert short_of_something(error) is short


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        (ConnectionResetError(errno.ECONNRESET, "reset"), True),
        (TimeoutError("timed out"), True),
        (OSError("the server closed the connection"), True),
        (OSError(errno.EMFILE, "Too many open files"), False),
        (PermissionError(errno.EACCES, "denied"), False),
    ],
)
def test_a_server_is_silent_where_this_process_is_not_to_blame(error, silent):
    assert is_silence(error) is silent


@pytest.mark.parametrize(
    ("error", "machines"),
    [
        (PermissionError(errno.EPERM, "a firewall forbids it"), True),
        (caused(ConnectionError("no answer"), OSError(errno.EMFILE, "files")), True),
        (ConnectionResetError(errno.ECONNRESET, "reset"), False),
        (TimeoutError("timed out"), False),
        (AnswerError("status 500"), False),
    ],
)
def test_an_error_of_the_process_that_asks_is_of_no_server(error, machines):
    assert is_of_the_machine(error) is machines


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "No such file", "warm_up"),
        MemoryError(),
        tf.errors.ResourceExhaustedError(None, None, "No space left on device"),
    ],
)
def test_what_cannot_be_read_or_written_around_the_check_is_the_machines_fault(error):
    with pytest.raises(MachineError, match="Nobody is refused"), blaming_the_machine():
        raise error
    with pytest.raises(ValueError, match="ours"), blaming_the_machine():
        raise ValueError("ours")


@pytest.mark.parametrize(
    ("error", "found", "mend"),
    [
        (OSError("no\nroom."), "no room", "see to the machine"),
        (MemoryError(), "MemoryError", "end other programs, or raise the limit with `ulimit -v"),
        (
            tf.errors.NotFoundError(
                None,
                None,
                "{{function_node __wrapped__Next_/CPU:0}} /tmp/w; No such [Op:Next] name: ",
            ),
            "/tmp/w; No such",
            "see to the machine",
        ),
        (
            OSError(errno.EADDRNOTAVAIL, "Cannot assign"),
            f"[Errno {errno.EADDRNOTAVAIL}] Cannot assign",
            "end what holds connections open, or widen",
        ),
    ],
)
def test_a_fault_of_the_machine_is_one_sentence_with_what_mends_it(error, found, mend):
    told = f"The serving check could not be finished: {found}. Nobody is refused for that: {mend}"
    assert str(machine_error(error)).startswith(told)
    assert str(machine_error(error)).endswith(", and run again.")


def test_a_live_version_that_does_not_answer_is_nobodys_refusal():
    told = str(LiveVersionError("status 500: gone."))
    assert "with the live version, which does not answer: status 500: gone. Put another" in told
