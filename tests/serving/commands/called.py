"""A command in the process of its test: what it prints, as its own streams would write it."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
from collections.abc import Sequence

import pytest

from documents.terminal.console import Stream
from serving.__main__ import main

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")


def called(arguments: Sequence[str], input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """`python -m serving ARGUMENTS` with `input` as standard input, but for the start of Python."""
    out, error = io.BytesIO(), io.BytesIO()
    with (
        contextlib.redirect_stdout(Stream(out, "utf-8", write_through=True)),
        contextlib.redirect_stderr(Stream(error, "utf-8", write_through=True)),
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(input)))
        try:
            code = main(arguments)
        except SystemExit as end:  # argparse
            code = int(end.code or 0)
        # A stream that is thrown away closes what it writes to.
        said = out.getvalue(), error.getvalue()
    return subprocess.CompletedProcess(arguments, code, *said)
