"""How steps and runs stand: ML Metadata's words in lower case, and two that it has not."""

from __future__ import annotations

KILLED = "killed"
SKIPPED = "skipped"
OPEN = ("running", "new")
"""Nobody knows yet how it ends."""
SUCCESSFUL = ("complete", "cached")
FAILED = ("failed", "canceled", KILLED)
"""Did not come to its end."""
OF_STEPS = (*SUCCESSFUL, "failed", KILLED, "running", "canceled", SKIPPED, "new", "unknown")
OF_RUNS = ("complete", "failed", KILLED, "running", "canceled", "new", "unknown")
