"""Every kind of page of the explorer: prints what the first visit costs the server.

    python -m benchmarks.inspection.pages STORE

A process of its own, so that its memory is that of an explorer. CPU seconds, which on an idle
machine are those that a visitor waits.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from werkzeug.test import Client

from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source

# getrusage(2) gives kilobytes, but bytes on macOS.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def addresses(history: History) -> list[str]:
    """One page of each kind, about the newest run."""
    run = list(history.runs.values())[-1]
    first = next(iter(history.runs.values()))
    steps = {step.node: step for step in history.steps_of(run.id)}
    [model] = history.output_artifacts(steps["Trainer"].id, "model")
    examples = history.output_artifacts(steps["ExampleGen"].id)[0]
    return [
        "/",
        "/?page=10",
        f"/runs/r{run.id}",
        f"/steps/s{steps['Trainer'].id}",
        f"/steps/s{steps['Evaluator'].id}/evaluation",
        f"/artifacts/a{model.id}",
        f"/artifacts/a{examples.id}?reach=down",
        f"/compare?before=r{first.id}&now=r{run.id}",
        "/serving",
        "/metrics",
        "/models",
        "/search?q=fingerprint",
        "/search?q=nothing-has-this",
        "/garbage",
    ]


def main() -> None:
    root = Path(sys.argv[1])
    workspace = Workspace(root)
    source = Source(lambda: open_history(str(root)), workspace)
    app = App(source, ["localhost"])
    app.warm_up()  # as the explorer does before it listens
    history = source.now().history
    client = Client(app)
    seconds = {}
    for address in addresses(history):
        start = time.process_time()
        answer = client.get(address)
        seconds[address] = time.process_time() - start
        assert answer.status_code == 200, (address, answer.text)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / 1e6
    print(json.dumps({"seconds": seconds, "peak_megabytes": peak}))


if __name__ == "__main__":
    main()
