"""Records the store that the tests ask: six real runs and a rollback, made small enough for git.

    python -m tests.inspection.record FOLDER

runs the local runner in FOLDER, which takes some minutes, and writes tests/inspection/recorded/.
When the metadata that the pipeline leaves has changed, run it again.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import yaml

from tests.e2e.clone import REPOSITORY, Clone, clone_sources

RECORDED = Path(__file__).parent / "recorded"
ROOT = "/recorded/workspace"
"""Where the workspace was, as the recorded files say."""
SOURCE = "/recorded/source"

CONFIG = "configs/recorded.yaml"
BROKEN_LINE = '    raw = inputs["image"] / 0\n'

# Whatever is larger is cut: no question looks inside weights or examples.
LARGEST_FILE = 16_000
CUT_BYTES = 64
LOG_LINES = 60
_LEFT_OUT = (".run.lock", ".run.pid", ".publish.lock", "request.json", "checkpoints")


def main() -> None:
    """Runs, unless they are in FOLDER already, and records."""
    folder = Path(sys.argv[1]).resolve()
    if not folder.exists():
        clone = clone_sources(REPOSITORY, folder)
        write_config(clone.source / CONFIG)
        make_history(clone)
        roll_back(clone, clone.versions[0])
    keep(Clone(folder / "source", folder / "root"), RECORDED / "workspace")


def write_config(path: Path) -> None:
    """The quick configuration, trained for a shorter time and held to less."""
    document = yaml.safe_load(path.with_name("quick.yaml").read_text())
    document["training"]["epochs"] = 3
    [metric] = document["evaluation"]["metrics"]
    metric["overall"] = {"min": 0.5, "max_drop": 0.2}
    metric["per_slice"] = {"label": {"min": 0.01}}
    path.write_text(yaml.safe_dump(document))


def make_history(clone: Clone) -> None:
    """Pushed; nothing to do; refused by a slice; refused by the serving check; pushed; failed."""
    run(clone, 0)
    run(clone, 0)
    demanding = clone.source / CONFIG.replace("recorded", "demanding")
    document = yaml.safe_load((clone.source / CONFIG).read_text())
    [metric] = document["evaluation"]["metrics"]
    metric["per_slice"]["label"]["min"] = 0.99
    demanding.write_text(yaml.safe_dump(document))
    second = ("--set", "training.seed=1")
    run(clone, 3, *second, config=f"configs/{demanding.name}")
    run(clone, 3, *second, "--set", "serving_check.p50_ms=0.001")
    run(clone, 0, *second)
    preprocessing = (clone.source / "models/preprocessing.py").read_text()
    break_preprocessing(clone)
    run(clone, 1, *second)
    (clone.source / "models/preprocessing.py").write_text(preprocessing)


def run(clone: Clone, code: int, *arguments: str, config: str = CONFIG) -> None:
    """One run, which must end with that exit code."""
    finished = clone.run("--config", config, "--json", *arguments)
    print(f"exit code {finished.code}: {' '.join(arguments)}", flush=True)
    if finished.code != code:
        raise SystemExit(f"expected {code}:\n{finished.out}\n{finished.err}")


def break_preprocessing(clone: Clone) -> None:
    """A mistake in the user's own code."""
    path = clone.source / "models/preprocessing.py"
    text = path.read_text()
    body = re.search(r'def preprocessing_fn\(.*?\n    """.*?"""\n', text, re.DOTALL)
    assert body
    path.write_text(text[: body.end()] + BROKEN_LINE + text[body.end() :])


def roll_back(clone: Clone, to: int) -> None:
    """As the person on call would."""
    command = [sys.executable, "-m", "serving", "rollback", str(to)]
    subprocess.run(
        [*command, "--base-path", str(clone.base_path), "--reason", "complaints about shirts"],
        cwd=clone.source,
        check=True,
    )


def keep(clone: Clone, target: Path) -> None:
    """Copies the workspace: large files cut, and the folder where it was under another name."""
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted(clone.root.rglob("*")):
        place = path.relative_to(clone.root)
        if path.is_dir() or place.parts[0] in _LEFT_OUT or path.name in _LEFT_OUT:
            continue
        if ".system" in place.parts:
            continue
        copy = target / place
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.name == "metadata.db":
            keep_store(path, copy, clone)
        else:
            copy.write_bytes(small(path, clone))


def keep_store(path: Path, copy: Path, clone: Clone) -> None:
    """The store with other paths in it, without free pages."""
    shutil.copyfile(path, copy)
    places = ((str(clone.root), ROOT), (str(clone.source), SOURCE), (str(Path.home()), "/home"))
    with sqlite3.connect(copy) as connection:
        for old, new in places:
            for table, column in (
                ("Artifact", "uri"),
                ("ArtifactProperty", "string_value"),
                ("ExecutionProperty", "string_value"),
                ("ContextProperty", "string_value"),
                ("Context", "name"),
            ):
                connection.execute(
                    f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (old, new)
                )
    connection.execute("VACUUM")
    connection.close()


def small(path: Path, clone: Clone) -> bytes:
    """A text with other paths in it; the head of a large file; the end of a log."""
    content = path.read_bytes()
    if path.suffix in (".json", ".jsonl", ".log", ".pbtxt"):
        content = content.replace(str(clone.root).encode(), ROOT.encode())
        content = content.replace(str(clone.source).encode(), SOURCE.encode())
        content = content.replace(str(Path.home()).encode(), b"/home")
        site = str(Path(sys.prefix)).encode()
        content = content.replace(site, b"/recorded/source/.venv")
        if path.suffix == ".log":
            content = b"".join(content.splitlines(keepends=True)[-LOG_LINES:])
        return content
    return content if len(content) <= LARGEST_FILE else content[:CUT_BYTES]


if __name__ == "__main__":
    main()
