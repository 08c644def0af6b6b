"""The folder of a dry run: what every task left, so that one can be run again alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from documents import writer
from documents.json_object import JsonError, parse_object
from documents.reader import pass_over
from documents.regular_file import regular_file
from pipeline.kubeflow.dry_run.object_store import ObjectStore

Json = dict[str, Any]


class Work:
    """Its layout: objects/ is the object store, tasks/ what each left, steps/ where each ran."""

    def __init__(self, folder: Path):
        self.folder = folder.absolute()
        self.store = ObjectStore(self.folder / "objects")

    def finished(self) -> dict[str, Json]:
        """By task: `artifacts` by output key, and `parameters`."""
        files = sorted((self.folder / "tasks").glob("*.json"))
        read = {file.stem: _read(file, "that task runs again") for file in files}
        return {task: left for task, left in read.items() if left is not None}

    def keep(self, task: str, left: Json) -> None:
        _write(self.folder / "tasks" / f"{task}.json", left)

    def forget(self, task: str) -> None:
        (self.folder / "tasks" / f"{task}.json").unlink(missing_ok=True)

    def cached(self, key: str) -> Json | None:
        """What the same work left earlier, while its artifacts are still there."""
        file = self.folder / "cache" / f"{key}.json"
        return _read(file, "that work is done again")

    def keep_cached(self, key: str, left: Json) -> None:
        _write(self.folder / "cache" / f"{key}.json", left)

    def next_name(self) -> str:
        """The name of a new artifact, which is never given twice, as an id in ML Metadata."""
        file = self.folder / "artifacts"
        left = _read(file, "names begin again") or {}
        number = left.get("last", 0) + 1 if isinstance(left.get("last", 0), int) else 1
        _write(file, {"last": number})
        return str(number)

    def fresh_step(self, task: str) -> Path:
        """An empty folder for a step; what an earlier attempt left in it is gone."""
        folder = self.fresh(f"steps/{task}")
        for part in ("root", "home", "tmp", "cwd"):
            (folder / part).mkdir()
        return folder

    def fresh(self, name: str) -> Path:
        """An empty folder of this name."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def _read(file: Path, mend: str) -> Json | None:
    """The JSON object in a file; None where there is none, and a word where another thing is."""
    try:
        with regular_file(file) as opened:
            return parse_object(opened.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        pass_over(str(file), f"cannot be read ({error.strerror or error})", mend)
    except JsonError as error:
        pass_over(str(file), str(error), mend)
    return None


def _write(file: Path, document: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    writer.replace(str(file), json.dumps(document, indent=1).encode())
