"""Standard output and error of our commands: every text can be written, and no text steers them.

What was done decides the exit code of a command; a terminal that lacks a character, or a reader
that has gone, does not.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import functools
import gc
import io
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO, TypeVar

from documents.environment import tensorflow as tensorflow_environment
from documents.shown import shown_lines

Main = Callable[..., int]
T = TypeVar("T")
S = TypeVar("S", bound="Stream")

_PLAIN = {
    "→": "->", "…": "...", "≤": "<=", "≥": ">=", "×": "x", "±": "+-", "–": "-", "’": "'",
    "·": ".", "✔": "ok", "✘": "x", "●": "*", "▸": ">", "µ": "u", "é": "e", "│": "|", "≈": "~",
    "\u2212": "-", "“": '"', "”": '"', "✅": "ok", "❌": "x", "⏳": "...",
    # A line over runs: the higher, the more.
    **dict(zip("▁▂▃▄▅▆▇█", "12345678", strict=True)),
}  # fmt: skip
"""How our own signs read where an encoding lacks them."""
_ERRORS = "documents.terminal.console"
WRITE_FAILED = FAILED = 1
MISTAKE = 2
INTERRUPTED = 130
"""As a shell says it of a process that Ctrl-C ended."""


class Stream(io.TextIOWrapper):
    """A standard stream without escapes. Once it fails, what is written to it is dropped."""

    failure: OSError | None = None
    """Why nothing more is written."""

    def write(self, text: str) -> int:
        """As any stream, without escapes of others; never raises OSError."""
        return self._guarded(lambda: super(Stream, self).write(shown_lines(text)), len(text))

    def flush(self) -> None:
        """As any stream; never raises OSError."""
        self._guarded(lambda: super(Stream, self).flush(), None)

    def _guarded(self, act: Callable[[], T], otherwise: T) -> T:
        try:
            return act()
        except OSError as error:
            self.failure = self.failure or error
            # What still is in the buffer has to go somewhere, or Python complains at its end.
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
            return otherwise


class RawStream(Stream):
    """As Stream, for a program that draws on a terminal itself and cleans what it shows."""

    def write(self, text: str) -> int:
        """As any stream, escapes and all; never raises OSError."""
        return self._guarded(lambda: io.TextIOWrapper.write(self, text), len(text))


def program(main: Main) -> Main:
    """Decorates the main function of a command, which takes arguments and returns an exit code."""

    @functools.wraps(main)
    def run(arguments: Sequence[str] | None = None) -> int:
        if sys.stdout is not sys.__stdout__ or sys.stderr is not sys.__stderr__:
            return _answered(main, arguments)  # Somebody in this process reads what is written.
        _prepare()
        tensorflow_environment.watch()
        _let_ctrl_c_interrupt()
        try:
            return _ended(_answered(main, arguments))
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            return _ended(INTERRUPTED)
        except SystemExit as end:  # argparse
            raise SystemExit(_ended(end.code if isinstance(end.code, int) else 1)) from None

    return run


def _answered(main: Main, arguments: Sequence[str] | None) -> int:
    """The exit code; what the machine refuses and nobody foresaw is a sentence, too."""
    for argument in sys.argv[1:] if arguments is None else arguments:
        if argument.startswith("--") and argument.endswith("=--"):
            print(f"{argument} gives no value; write one after the `=`.", file=sys.stderr)
            return MISTAKE
    try:
        return main(arguments)
    except tensorflow_environment.RefusedError as refused:
        print(refused, file=sys.stderr)
        return MISTAKE
    except OSError as error:
        logging.getLogger(__name__).debug("Not foreseen.", exc_info=True)
        # Of a rename the target tells more.
        name = error.filename2 or error.filename
        place = "" if name is None else f"{os.fsdecode(name)} cannot be used: "
        print(f"{place}{error.strerror or error}.", file=sys.stderr)
        return FAILED


def changed() -> None:
    """Says that something was changed for good: now no fault of the output is the command's."""
    global _changed
    _changed = True


def reader_has_gone() -> bool:
    """Whether nobody reads standard output any more, as after `| head`."""
    return getattr(sys.stdout, "failure", None) is not None


def raw(descriptor: int) -> RawStream:
    """A stream of one's own for an open descriptor, which it closes, to draw on."""
    encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
    return _stream(RawStream, open(descriptor, "wb"), encoding)


_changed = False


def _let_ctrl_c_interrupt() -> None:
    """Programs begin with the default, which ends the process without a trace of its imports."""
    _replaced(signal.SIG_DFL, signal.default_int_handler)


@contextlib.contextmanager
def ending_at_ctrl_c() -> Iterator[None]:
    """Inside, Ctrl-C ends the process as it does while Python starts: nothing is to be cleaned up.

    For imports. One that is interrupted may raise anything, as those of extensions in C do.
    """
    replaced = _replaced(signal.default_int_handler, signal.SIG_DFL)
    try:
        yield
    finally:
        if replaced:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _replaced(before: Any, now: Any) -> bool:
    """Whether `before` was what answers Ctrl-C, in whose place `now` does."""
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not before
    ):
        return False
    signal.signal(signal.SIGINT, now)
    return True


def _prepare() -> None:
    if any(option.startswith("error") for option in sys.warnoptions):
        # PYTHONWARNINGS=error is meant for one's own code; what libraries warn of is no failure.
        warnings.resetwarnings()
        os.environ.pop("PYTHONWARNINGS", None)
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = _safe(getattr(sys, name), descriptor)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _safe(stream: TextIO | None, descriptor: int) -> Stream:
    if stream is None:  # It was closed before we were started.
        null = os.open(os.devnull, os.O_WRONLY)
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            descriptor = null  # A file that was opened since has its number.
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)
        return _stream(Stream, open(descriptor, "wb", closefd=False), "utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.flush()
        # Whoever holds the old one shall not fail either.
        codecs.register_error(_ERRORS, _in_plain_signs)
        stream.reconfigure(errors=_ERRORS)
    lines = getattr(stream, "line_buffering", True)
    return _stream(Stream, open(descriptor, "wb", closefd=False), stream.encoding, lines)


def _stream(kind: type[S], buffer: Any, encoding: str, lines: bool = True) -> S:
    codecs.register_error(_ERRORS, _in_plain_signs)
    return kind(buffer, encoding=encoding, errors=_ERRORS, line_buffering=lines)


def _in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    plain = (
        _PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode() for letter in text
    )
    return "".join(plain), error.end


def _ended(code: int) -> int:
    sys.stdout.flush()
    failure = getattr(sys.stdout, "failure", None)
    if failure is not None and failure.errno != errno.EPIPE:
        print(f"Standard output cannot be written: {failure.strerror}.", file=sys.stderr)
        code = code if _changed else code or WRITE_FAILED
    sys.stderr.flush()
    # Python would look for garbage once more: one to two CPU seconds where TFX is imported.
    gc.freeze()
    return code
