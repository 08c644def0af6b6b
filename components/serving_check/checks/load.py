"""Does the server load the candidate, and in time?"""

from __future__ import annotations

from components.serving_check.checks.check import Check
from components.serving_check.options import Options

NAME = "loads"


def judge(seconds: float, options: Options, waited: float = 0.0) -> Check:
    """Passes when the server said AVAILABLE within `load_seconds` of its start, those that it
    `waited` for a processor left out."""
    late = seconds > options.load_seconds
    busy = f", {waited:.1f} s of them without a processor" if late and waited else ""
    return Check(
        NAME,
        ok=seconds - waited <= options.load_seconds,
        expected=_expected(options),
        found=f"AVAILABLE after {seconds:.2f} s{busy}",
    )


def failed(error: str, options: Options) -> Check:
    """The row of a candidate that the server did not load."""
    return Check(
        NAME, ok=False, expected=_expected(options), found=f"{error[:1].lower()}{error[1:]}"
    )


def _expected(options: Options) -> str:
    return f"AVAILABLE within {options.load_seconds:g} s"
