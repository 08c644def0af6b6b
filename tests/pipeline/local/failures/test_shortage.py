"""Faults of the machine, in the words of the libraries that met them."""

import errno
import os
from pathlib import Path

import pytest

from pipeline.local.failures.shortage import shortage
from tests.there import there

ROOT, STORE = Path("/r"), Path("/r/metadata.db")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/r/a"), "no room left on the disk of"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "no room left"),
        (RuntimeError("Error when executing query: database or disk is full query: …"), "no room"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS), "/r/a"), "cannot be written any more"),
        (RuntimeError("attempt to write a readonly database"), "cannot be written any more"),
        (RuntimeError("query: database is locked"), "holds the metadata store /r/metadata.db"),
        (RuntimeError("database disk image is malformed"), "/r/metadata.db was damaged"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "ulimit -n"),
        (MemoryError(), "not enough memory"),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "not enough memory"),
        (RuntimeError("can't start new thread"), "ulimit -u"),
        (OSError(errno.EIO, os.strerror(errno.EIO), "/r/a"), "disk of /r/a fails"),
        (
            RuntimeError("Error executing an HTTP request: HTTP response code 403\n with body"),
            "an object store refuses these credentials",
        ),
        (
            RuntimeError("Forbidden: 403 POST https://storage.googleapis.com/upload: {"),
            "object store refuses these credentials",
        ),
        (
            RuntimeError(
                "All 10 retry attempts failed. The last failure: Error executing an HTTP request: "
                "libcurl code 7 meaning 'Couldn't connect to server'"
            ),
            "an object store does not answer",
        ),
        (
            RuntimeError("ServiceUnavailable: 503 GET https://storage.googleapis.com/b: {"),
            "an object store does not answer",
        ),
    ],
)
def test_what_is_short_and_how_to_go_on(error: BaseException, said: str):
    sentence = shortage(error, ROOT, STORE)
    assert sentence is not None
    assert said in sentence
    assert sentence.endswith(", and run the same command again.")
    assert "\n" not in sentence


def test_the_cause_counts_where_a_library_wraps_it():
    wrapped = RuntimeError("Beam: something else [while running 'Write']")
    wrapped.__cause__ = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/r/a")
    assert "no room left" in there(shortage(wrapped, ROOT, STORE))


def test_other_errors_are_not_the_machines():
    assert shortage(ValueError("label 11 is not one of 10"), ROOT, STORE) is None
