"""A store whose every name, property and uri wants to become part of the page."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

SCRIPT = "<script>window.broken = true</script>\"'><img src=x onerror='window.broken = true'>"


def make_hostile(recorded: Path, root: Path) -> Path:
    """Copies the recorded workspace to `root` and poisons its store."""
    shutil.copytree(recorded, root)
    with sqlite3.connect(root / "metadata.db") as store:
        store.execute("UPDATE Artifact SET name = ? || id, uri = ? || id", (SCRIPT, SCRIPT))
        store.execute("UPDATE Artifact SET uri = 'javascript:window.broken=true' WHERE id % 3 = 0")
        store.execute("UPDATE Artifact SET uri = 'file:///etc/passwd' WHERE id % 3 = 1")
        for table in ("ArtifactProperty", "ExecutionProperty"):
            store.execute(
                f"UPDATE {table} SET string_value = ? WHERE string_value IS NOT NULL", (SCRIPT,)
            )
        store.execute("UPDATE Context SET name = ? || id", (SCRIPT,))
        store.execute("UPDATE Execution SET name = ? || id", (SCRIPT,))
        store.execute("UPDATE Type SET name = ? || name WHERE name = 'Schema'", (SCRIPT,))
        store.execute(
            "INSERT OR REPLACE INTO ArtifactProperty "
            "(artifact_id, name, is_custom_property, string_value) VALUES (1, ?, 1, ?)",
            (SCRIPT, "control \x1b[31m characters \x00 and " + "x" * 100_000),
        )
    store.close()
    return root
