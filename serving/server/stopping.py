"""What the embedded model server says last when it was asked to stop."""

from __future__ import annotations

STOPPING = "Stopping."
