"""Makes a store of many runs out of one that was recorded from a real run.

    python -m benchmarks.inspection.generate FOLDER --runs 500

Every run has ten steps and thirty artifacts, with the properties that the real ones have. Each
looks at eighteen spans of examples, as continuous training does, and has a seed of its own.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documents.evaluator_verdict import EvaluatorVerdict
from documents.terminal.command_line import CommandLine
from documents.terminal.option_types import count_option
from documents.workspace import Workspace
from pipeline.settings import REPOSITORY

TEMPLATE = REPOSITORY / "tests" / "inspection" / "recorded" / "workspace"
SPANS = 18
STEP_MILLISECONDS = 10_000
RUN_MILLISECONDS = 3_600_000
START = 1_767_225_600_000
FOLDER_OF_NUMBERS = "/recorded/workspace/artifacts"

Row = tuple[Any, ...]


class Template:
    """The first recorded run: its steps, what they wrote, and what they read."""

    def __init__(self, store: sqlite3.Connection):
        ask = store.execute
        self.contexts = dict(
            ask("SELECT t.name, t.id FROM Type t WHERE t.name IN ('pipeline', 'pipeline_run')")
        )
        [(self.run,)] = ask(
            "SELECT id FROM Context WHERE type_id = ? ORDER BY id LIMIT 1",
            (self.contexts["pipeline_run"],),
        )
        self.steps = list(
            ask(
                "SELECT e.id, e.type_id FROM Execution e "
                "JOIN Association a ON a.execution_id = e.id WHERE a.context_id = ? ORDER BY e.id",
                (self.run,),
            )
        )
        ids = ", ".join(str(id) for id, _ in self.steps)
        self.shared = list(
            ask(
                "SELECT a.context_id, a.execution_id FROM Association a JOIN Context c "
                "ON c.id = a.context_id JOIN Type t ON t.id = c.type_id "
                f"WHERE t.name IN ('pipeline', 'node') AND a.execution_id IN ({ids})"
            )
        )
        self.step_properties = list(
            ask(f"SELECT * FROM ExecutionProperty WHERE execution_id IN ({ids})")
        )
        self.events = list(
            ask(
                "SELECT e.id, e.artifact_id, e.execution_id, e.type, p.step_key FROM Event e JOIN "
                "EventPath p ON p.event_id = e.id AND NOT p.is_index_step "
                f"WHERE e.execution_id IN ({ids})"
            )
        )
        made = sorted({event[1] for event in self.events})
        ids = ", ".join(map(str, made))
        self.artifacts = list(ask(f"SELECT id, type_id, uri FROM Artifact WHERE id IN ({ids})"))
        self.artifact_properties = list(
            ask(f"SELECT * FROM ArtifactProperty WHERE artifact_id IN ({ids})")
        )
        [(self.examples,)] = ask(
            "SELECT a.id FROM Artifact a JOIN Type t ON t.id = a.type_id WHERE t.name = 'Examples'"
        )


def generate(folder: Path, runs: int) -> Path:
    """Writes `metadata.db`, and the verdicts of all evaluations below `artifacts/`; returns it."""
    folder.mkdir(parents=True)
    path = Workspace(folder).metadata
    shutil.copyfile(Workspace(TEMPLATE).metadata, path)
    store = sqlite3.connect(path)
    template = Template(store)
    for table in (
        *("Artifact", "ArtifactProperty", "Execution", "ExecutionProperty", "Event", "EventPath"),
        *("Association", "Attribution"),
    ):
        store.execute(f"DELETE FROM {table}")
    kept = "'pipeline', 'node'"
    store.execute(
        f"DELETE FROM Context WHERE type_id NOT IN (SELECT id FROM Type WHERE name IN ({kept}))"
    )
    _Writer(store, template, folder).write(runs)
    store.commit()
    store.execute("VACUUM")
    store.close()
    return path


class _Writer:
    def __init__(self, store: sqlite3.Connection, template: Template, folder: Path):
        self._store = store
        self._template = template
        self._folder = folder
        self._event = 0
        [verdict] = sorted(
            (TEMPLATE / "artifacts/Evaluator/blessing").glob(f"9/{EvaluatorVerdict.FILE}")
        )
        self._verdict = json.loads(verdict.read_text())

    def write(self, runs: int) -> None:
        for number in range(runs):
            self._run(number)

    def _run(self, number: int) -> None:
        template, ask = self._template, self._store
        start = START + number * RUN_MILLISECONDS
        run = 1_000_000 + number
        ask.execute(
            "INSERT INTO Context (id, type_id, name, create_time_since_epoch, "
            "last_update_time_since_epoch) VALUES (?, ?, ?, ?, ?)",
            (run, template.contexts["pipeline_run"], f"run-{number:06d}", start, start),
        )
        steps = {
            old: 1 + number * len(template.steps) + n for n, (old, _) in enumerate(template.steps)
        }
        size = len(template.artifacts) + SPANS - 1
        artifacts = {old: 1 + number * size + n for n, (old, _, _) in enumerate(template.artifacts)}
        spans = [number * size + len(template.artifacts) + n for n in range(1, SPANS)]
        ask.executemany(
            "INSERT INTO Execution (id, type_id, last_known_state, create_time_since_epoch, "
            "last_update_time_since_epoch) VALUES (?, ?, 3, ?, ?)",
            [
                (new, type_id, start + n * STEP_MILLISECONDS, start + (n + 1) * STEP_MILLISECONDS)
                for n, (new, (_, type_id)) in enumerate(
                    zip(steps.values(), template.steps, strict=True)
                )
            ],
        )
        shared = [(context, steps[old]) for context, old in template.shared]
        ask.executemany(
            "INSERT INTO Association (context_id, execution_id) VALUES (?, ?)",
            [*shared, *((run, new) for new in steps.values())],
        )
        ask.executemany(
            f"INSERT INTO ExecutionProperty VALUES ({', '.join('?' * 9)})",
            [self._changed((steps[old], *rest), number) for old, *rest in template.step_properties],
        )
        self._artifacts(number, artifacts, spans, start)
        self._events(artifacts, spans, steps)

    def _changed(self, row: Row, number: int) -> Row:
        """With a seed and a version of its run's own."""
        return tuple(
            value.replace('"seed": 0', f'"seed": {number}') if isinstance(value, str) else value
            for value in row
        )

    def _artifacts(
        self, number: int, artifacts: dict[int, int], spans: list[int], start: int
    ) -> None:
        template, ask = self._template, self._store
        rows = []
        for old, type_id, uri in template.artifacts:
            place = uri.removeprefix(FOLDER_OF_NUMBERS).rpartition("/")[0]
            rows.append((artifacts[old], type_id, f"{FOLDER_OF_NUMBERS}{place}/{artifacts[old]}"))
            if place == "/Evaluator/blessing":
                self._keep_verdict(number, artifacts[old])
            if old == template.examples:
                rows += [
                    (new, type_id, f"{FOLDER_OF_NUMBERS}{place}/{artifacts[old]}-{n}")
                    for n, new in enumerate(spans)
                ]
        ask.executemany(
            "INSERT INTO Artifact (id, type_id, uri, state, create_time_since_epoch, "
            f"last_update_time_since_epoch) VALUES (?, ?, ?, 2, {start}, {start})",
            rows,
        )
        version = str(START // 1000 + number)
        properties = []
        for old, name, *rest in template.artifact_properties:
            values = [version if name == "pushed_version" and v is not None and str(v).isdigit()
                      and len(str(v)) > 1 else v for v in rest]  # fmt: skip
            owners = [artifacts[old], *(spans if old == template.examples else ())]
            properties += [(owner, name, *values) for owner in owners]
        ask.executemany(f"INSERT INTO ArtifactProperty VALUES ({', '.join('?' * 9)})", properties)

    def _keep_verdict(self, number: int, artifact: int) -> None:
        """As the Evaluator leaves it; the values go up and down from run to run."""
        for row in self._verdict["metrics"]:
            row["value"] = 0.8 + (number * 37 + len(row["slice"])) % 100 / 1000
        folder = self._folder / "artifacts/Evaluator/blessing" / str(artifact)
        folder.mkdir(parents=True)
        (folder / EvaluatorVerdict.FILE).write_text(json.dumps(self._verdict))

    def _events(self, artifacts: dict[int, int], spans: list[int], steps: dict[int, int]) -> None:
        events: list[Row] = []
        paths: list[Row] = []
        for artifact, step, type, key, index in self._all_events(artifacts, spans, steps):
            self._event += 1
            events.append((self._event, artifact, step, type))
            paths += [(self._event, 0, None, key), (self._event, 1, index, None)]
        self._store.executemany(
            "INSERT INTO Event (id, artifact_id, execution_id, type) VALUES (?, ?, ?, ?)", events
        )
        self._store.executemany("INSERT INTO EventPath VALUES (?, ?, ?, ?)", paths)

    def _all_events(
        self, artifacts: dict[int, int], spans: list[int], steps: dict[int, int]
    ) -> Iterator[Row]:
        for _, artifact, step, type, key in self._template.events:
            yield artifacts[artifact], steps[step], type, key, 0
            if artifact == self._template.examples:
                for index, new in enumerate(spans, start=1):
                    yield new, steps[step], type, key, index


def main() -> None:
    parser = CommandLine(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=count_option, default=500)
    options = parser.parse_args()
    generate(options.folder, options.runs)


if __name__ == "__main__":
    main()
