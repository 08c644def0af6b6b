"""What reading, transforming, serving and `init` cost, each beside what it is compared with."""

from __future__ import annotations

import json
import shutil
import statistics
from pathlib import Path
from typing import Any

import psutil
import requests

from benchmarks.data.sets import QUICK, SETS
from benchmarks.target import Target
from benchmarks.usage import CommandError, Usage, python
from documents.reader import read
from documents.serving_report import ServingReport
from documents.workspace import Workspace
from pipeline.data.origin import find_files
from pipeline.files import archive
from pipeline.preflight.preflight import cache_folder
from pipeline.settings import REPOSITORY, load_settings
from serving.launch import launch

TAXI = SETS[0]
COPIES = 20
"""Of the taxi table's rows, in the larger of two files; from the difference follows the rate."""
INIT_FILES = 100_000
REQUESTS = 2_000

MIN_ROWS_PER_CPU_SECOND = 50_000
MAX_TRANSFORM_CPU_SECONDS = 6.0
MAX_TAX = 2.5
MAX_REST_CPU_MILLISECONDS = 1.0
MAX_INIT_SECONDS, MAX_INIT_MEGABYTES = 60.0, 300.0


def taxi_table() -> Path:
    """The table in the installed tfx."""
    origin = load_settings(TAXI.config).data.origin
    assert origin
    folder, _ = find_files(origin, cache_folder)
    return folder / archive.name(origin.files[0])


def reading(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """Rows per CPU second of ExampleGen beside CsvExampleGen: whole processes on two files."""
    header, *rows = taxi_table().read_text().splitlines(keepends=True)
    rates, usages = {}, {}
    for contender in ("ours", "stock"):
        found = []
        for copies in (1, COPIES if contender == "ours" else 4):
            folder = scratch / f"rows-{copies}"
            folder.mkdir(exist_ok=True)
            (folder / "data.csv").write_text(header + "".join(rows) * copies)
            root = scratch / f"{contender}-{copies}"
            if contender == "ours":
                command = [
                    *("local_runner.py", f"--config={TAXI.config}", f"--root={root}"),
                    *("--to=ExampleGen", "--set=data.origin=null"),
                    f"--set=data.files={folder}/data.csv",
                ]
            else:
                command = ["-m", "benchmarks.data.stock", "examples", str(folder), str(root)]
            found.append((copies * len(rows), python(root.with_suffix(".out"), *command)))
        (few, small), (many, large) = found
        rates[contender] = (many - few) / (large.cpu_seconds - small.cpu_seconds)
        usages[contender] = {str(count): usage.cpu_seconds for count, usage in found}
    target = Target(
        "ExampleGen, rows per CPU s beyond what is fixed",
        rates["ours"],
        MIN_ROWS_PER_CPU_SECOND,
        True,
    )
    return [target], {"rows_per_cpu_second": rates, "cpu_seconds": usages}


def transforming(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """CPU seconds of analyzing taxi's train split, and with an analyzer for each column."""
    root = scratch / TAXI.name
    if not root.exists():
        python(
            scratch / "taxi-examples.out",
            *("local_runner.py", f"--config={TAXI.config}", f"--root={root}", "--to=ExampleGen"),
        )
    found = {}
    for way in ("packed", "each"):
        output = scratch / f"transform-{way}.json"
        python(output, "-m", "benchmarks.data.stock", "transform", str(root), way)
        found[way] = json.loads(output.read_text())["cpu_seconds"]
    target = Target("Transform on taxi, CPU s", found["packed"], MAX_TRANSFORM_CPU_SECONDS)
    return [target], {"cpu_seconds": found}


def tax(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """The taxi pipeline beside plain scripts that train the same network as long, in two ways."""
    root = scratch / "taxi-tax"
    pipeline = python(
        scratch / "taxi-tax.out",
        *("local_runner.py", f"--config={TAXI.config}", f"--root={root}"),
        *(f"--set={override}" for override in QUICK),
    )
    check = _check_seconds(root)
    scripts = {}
    for way in ("fit", "loop"):
        output = scratch / f"plain-{way}.json"
        command = ("benchmarks/data/plain.py", str(taxi_table()), str(scratch / f"plain-{way}"))
        usage = python(output, *command, way)
        scripts[way] = {
            **_rounded(usage),
            **json.loads(output.read_text()),
            "tax": round(pipeline.cpu_seconds / usage.cpu_seconds, 2),
            # The script has none.
            "tax_without_serving_check": round(
                (pipeline.cpu_seconds - check) / usage.cpu_seconds, 2
            ),
        }
    target = Target("taxi pipeline / plain script, CPU", scripts["fit"]["tax"], MAX_TAX)
    return [target], {
        "pipeline": _rounded(pipeline),
        "serving_check_cpu_seconds": round(check, 2),
        "plain": scripts["fit"],
        "plain_with_its_own_loop": scripts["loop"],
    }


def _check_seconds(root: Path) -> float:
    """CPU seconds of the serving check of the one run in `root`, with those of its servers."""
    [path] = root.glob(f"artifacts/ServingCheck/report/*/{ServingReport.FILE}")
    report = read(ServingReport, str(path))
    assert report
    assert report.cost
    return report.cost.cpu_seconds + report.cost.server_cpu_seconds


def serving(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """CPU milliseconds of the server for a REST request about one row, after warming up."""
    root = scratch / TAXI.name
    if not Workspace(root).base_path(TAXI.name).exists():
        raise CommandError(
            "The part `serving` asks the model that `quality` has pushed; measure both:"
            " --only quality,serving --sets taxi"
        )
    body = Workspace(root).request.read_bytes()
    with launch(Workspace(root).base_path(TAXI.name), TAXI.name, backend="embedded") as server:
        server.wait_available()
        [process] = _servers(server.rest_url)
        url = f"{server.rest_url}/v1/models/{TAXI.name}:predict"
        per_request = []
        with requests.Session() as session:
            for _ in range(5):
                start = _cpu(process)
                for _ in range(REQUESTS // 5):
                    session.post(url, data=body, timeout=30).raise_for_status()
                per_request.append((_cpu(process) - start) / (REQUESTS // 5) * 1_000)
    value = statistics.median(per_request[1:])
    target = Target("REST request about one row, CPU ms", value, MAX_REST_CPU_MILLISECONDS)
    return [target], {"cpu_milliseconds": per_request}


def starting(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """`init --images` on as many files as there are in large collections."""
    folder = scratch / "many"
    python(scratch / "many.out", "-m", "benchmarks.data.many", str(folder), str(INIT_FILES))
    usage = python(
        scratch / "init.out",
        *(str(REPOSITORY / "local_runner.py"), "init", f"--images={folder}", "--name=drafted"),
        cwd=scratch,
    )
    shutil.rmtree(folder)
    return [
        Target(f"init on {INIT_FILES:,} files, s", usage.wall_seconds, MAX_INIT_SECONDS),
        Target(f"init on {INIT_FILES:,} files, MB", usage.peak_megabytes, MAX_INIT_MEGABYTES),
    ], _rounded(usage)


def _servers(url: str) -> list[psutil.Process]:
    port = int(url.rpartition(":")[2])
    children = psutil.Process().children(recursive=True)
    return [
        child
        for child in children
        if any(found.laddr.port == port for found in child.net_connections("tcp") if found.laddr)
    ]


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _rounded(usage: Usage) -> dict[str, float]:
    return {
        "cpu_seconds": round(usage.cpu_seconds, 2),
        "wall_seconds": round(usage.wall_seconds, 2),
        "peak_megabytes": round(usage.peak_megabytes, 1),
    }
