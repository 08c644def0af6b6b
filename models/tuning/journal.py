"""What a search has done, a line for each training: a kill loses the one that it interrupts."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pydantic

from documents import writer
from documents.reader import pass_over
from documents.regular_file import regular_file
from documents.tuning import Repeat, Trial

FILE = "trials.jsonl"
_LARGEST = 64 << 20
"""Bytes; a line has about five hundred."""


class Journal:
    """The trials and repeats of one search, in a folder of its own."""

    def __init__(self, folder: str):
        """Reads what is there; what is no line any more was torn by a kill, and is cut off.

        Where it was no kill, and lines come after it, the file is kept beside the new one.

        Raises:
          OSError: it cannot be read, or is no file.
        """
        self._path = Path(folder) / FILE
        self.trials: list[Trial] = []
        self.repeats: list[Repeat] = []
        whole = 0
        with contextlib.suppress(FileNotFoundError):
            with regular_file(self._path) as file:
                content = file.read(_LARGEST)
            for number, line in enumerate(content.splitlines(keepends=True), 1):
                if not (line.endswith(b"\n") and self._take(line)):
                    self._cut(content, whole, number)
                    break
                whole += len(line)

    def _cut(self, content: bytes, whole: int, number: int) -> None:
        if b"\n" in content[whole:]:
            kept = self._path.with_name(f"{FILE}.damaged")
            writer.replace(str(kept), content)
            problem = f"holds no trial in line {number}"
            mend = f"what is before it counts, the search goes on from there, and all is in {kept}"
            pass_over(str(self._path), problem, mend)
        os.truncate(self._path, whole)

    @property
    def seconds(self) -> float:
        """Of all trainings."""
        return sum(each.seconds for each in self.trials) + sum(
            each.seconds for each in self.repeats
        )

    def add(self, entry: Trial | Repeat) -> None:
        """Writes one down, through to the disk. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        name = "trial" if isinstance(entry, Trial) else "repeat"
        with self._path.open("ab") as file:
            file.write(json.dumps({name: entry.as_written()}).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if isinstance(entry, Trial):
            self.trials.append(entry)
        else:
            self.repeats.append(entry)

    def _take(self, line: bytes) -> bool:
        try:
            found = json.loads(line)
            if "trial" in found:
                trial = Trial.model_validate_json(json.dumps(found["trial"]))
                if trial.number != len(self.trials):
                    return False
                self.trials.append(trial)
            else:
                self.repeats.append(Repeat.model_validate_json(json.dumps(found["repeat"])))
        except (ValueError, KeyError, TypeError, RecursionError, pydantic.ValidationError):
            return False
        return True
