"""What the local runner records of a run beside its executions: custom properties of its context
in ML Metadata.

They tell how to go on with the run, what it would take to repeat it, and whether it came to an
end: a run without an outcome that nobody works on was killed.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Mapping
from typing import Any

KILLED = "__killed__"
"""A custom property of an execution that was running when its process was killed."""


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """Whatever was not recorded is None or empty."""

    command: tuple[str, ...] = ()
    """The command line."""
    folder: str | None = None
    """Where it was given."""
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """All of them, as a settings file has them."""
    commit: str | None = None
    """Of the sources in git, followed by `+` where they were changed since."""
    outcome: str | None = None
    """See documents.outcome.Outcome; None until the run ended."""
    reason: str | None = None

    def as_properties(self) -> dict[str, str]:
        """Text by name of the property, without those that are not known."""
        found = {
            "command": json.dumps(self.command) if self.command else None,
            "folder": self.folder,
            "settings": json.dumps(self.settings, ensure_ascii=False) if self.settings else None,
            "commit": self.commit,
            "outcome": self.outcome,
            "reason": self.reason,
        }
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def of(cls, properties: Mapping[str, object]) -> RunRecord:
        """From the properties of a context; what somebody else put there is passed over."""
        command = _json(properties.get("command"), list)
        return cls(
            command=tuple(command) if all(isinstance(each, str) for each in command) else (),
            folder=_text(properties.get("folder")),
            settings=_json(properties.get("settings"), dict),
            commit=_text(properties.get("commit")),
            outcome=_text(properties.get("outcome")),
            reason=_text(properties.get("reason")),
        )

    def resume(self, here: str | None) -> str | None:
        """What continues the run: steps that succeeded are cache hits. None where it is not known.

        Args:
          here: the folder in which it will be given.
        """
        if not self.command:
            return None
        # A run that was told to make everything anew would do so again.
        line = shlex.join(each for each in self.command if each != "--no-cache")
        if self.folder is None or self.folder == here:
            return line
        return f"cd {shlex.quote(self.folder)} && {line}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _json(value: object, kind: type) -> Any:
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, kind) else kind()
