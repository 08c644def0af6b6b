"""The words that matter in what a Beam job says when it fails elsewhere. Pure."""

from __future__ import annotations

import re

_RAISED = re.compile(r"^\s*(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*(?:Error|Exception|Interrupt)): (.+)$")
_WHILE = re.compile(r"\s*\[while running .*$")
_OUTER = ("RuntimeError", "JobExecutionException", "PipelineRunException")
"""What runners put around the error of a worker."""
_OURS = ("WorkersError", "ExampleGenError")
_LOST = "SDK worker disconnected"
"""In what Prism says of a bundle whose worker is gone."""
_DIED = (
    "a worker of the job service died in the middle of its work, as the system kills what needs too"
    " much memory; give each of them more of it, and run the same command again"
)
_DETAILS = re.compile(r'details = "((?:[^"\\]|\\.)*)"')


def cause(text: str) -> str:
    """The last line of the error at the bottom, without the trace that led to it."""
    if _LOST in text:
        return _DIED
    found = [(m[1], _WHILE.sub("", m[2])) for m in map(_RAISED.match, text.splitlines()) if m]
    inner = [(name, said) for name, said in found if name not in _OUTER] or found
    details = _DETAILS.search(text)
    if details and (not inner or inner[-1][1].startswith("<")):
        return details[1].rstrip(".")
    if not inner:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return (lines[-1] if lines else "no reason given").rstrip(".")
    name, said = inner[-1]
    return (said if name in _OURS else f"{name}: {said}").strip().rstrip(".")
