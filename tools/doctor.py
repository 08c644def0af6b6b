"""Prints what this machine offers and what would stop a run; any python3 can run it.

`python3 tools/doctor.py [--json]` exits with 1 when something would stop a run.
"""

import argparse
import fcntl
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from typing import Dict, List, NamedTuple, Optional

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, REPOSITORY)

from tools import stamp  # noqa: E402
from tools.lane import Lane, LaneError, choose_lane, this_machine  # noqa: E402

PACKAGES = (
    "tfx",
    "tensorflow",
    "tensorflow_model_analysis",
    "apache_beam",
    "ml_metadata",
    "kfp",
)
PORTS = (8500, 8501)
RUN_GIGABYTES = 0.5
"""As pipeline/preflight/root.py asks for; set-up checks its own need."""

OK, NOTE, STOP = "ok", "note", "stop"

_VARIABLES = "from documents.environment.tensorflow import refusal; print(refusal() or '')"
# Asks the project itself, in its own Python, where a run would look first.
_DATA = """
from pipeline.preflight.preflight import cache_folder
from pipeline.settings import REPOSITORY, load_settings
settings = load_settings(REPOSITORY / "configs" / "fashion_mnist.yaml")
origin = settings.data.origin
for folder in origin.installed, cache_folder() / settings.name.replace("_", "-"):
    if all((folder / file).is_file() for file in origin.sha256):
        print(folder)
        break
"""


class Check(NamedTuple):
    """One finding; `mend` says what to do and is empty when all is well."""

    name: str
    state: str
    found: str
    mend: str = ""


def examine(repository: str, environ: Dict[str, str]) -> List[Check]:
    """Everything that matters to a run in `repository`, in the order of a run."""
    checks = []
    lane = None
    try:
        lane = choose_lane(this_machine(), environ)
        checks.append(Check("lane", OK, f"{lane.name} ({this_machine()})"))
    except LaneError as error:
        checks.append(Check("lane", STOP, str(this_machine()), str(error)))
    if lane:
        checks += _check_environment(lane, os.path.join(repository, ".venv"), repository)
    checks.append(check_disk(os.path.join(repository, "workspace")))
    checks.append(check_run(os.path.join(repository, "workspace")))
    checks += [check_port(port) for port in PORTS]
    return checks


def check_disk(root: str) -> Check:
    """Whether ROOT can be written and a run fits."""
    place = root
    while not os.path.exists(place):
        place = os.path.dirname(place)
    free = shutil.disk_usage(place).free / 1e9
    found = f"{free:.1f} GB free"
    if not os.path.isdir(place) or not os.access(place, os.W_OK):
        mend = f"{place} cannot be written: mend its permissions or use --root elsewhere"
        return Check("workspace", STOP, found, mend)
    if free < RUN_GIGABYTES:
        return Check("workspace", STOP, found, f"a run needs {RUN_GIGABYTES} GB: make room")
    return Check("workspace", OK, found)


def check_run(root: str) -> Check:
    """Whether another run holds ROOT: its lock says so, a pid may be another process's by now."""
    try:
        descriptor = os.open(os.path.join(root, ".run.lock"), os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return Check("other run", OK, "none")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        mend = "wait for it, or use --root for another folder"
        return Check("other run", STOP, "holds the lock", mend)
    except OSError:
        pass  # a file system without locks
    finally:
        os.close(descriptor)
    return Check("other run", OK, "none")


def check_port(port: int) -> Check:
    """Whether a model server could listen where it usually does; a run takes ports of its own."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            mend = "serve elsewhere: `make serve ARGS=--rest_api_port=8511`"
            return Check(f"port {port}", NOTE, os.strerror(error.errno or 0).lower(), mend)
    return Check(f"port {port}", OK, "free")


def installed_versions(venv: str) -> Dict[str, Optional[str]]:
    """Version by package, from the names of the folders that installers leave; imports nothing."""
    pattern = os.path.join(glob.escape(venv), "lib", "python*", "site-packages", "*.dist-info")
    found: Dict[str, Optional[str]] = dict.fromkeys(PACKAGES)
    for path in glob.glob(pattern):
        name, _, version = os.path.basename(path)[: -len(".dist-info")].partition("-")
        normal = re.sub(r"[-_.]+", "_", name).lower()
        if normal in found:
            found[normal] = version
    return found


def _check_environment(lane: Lane, venv: str, repository: str) -> List[Check]:
    made = stamp.read(venv)
    if not made:
        return [Check(".venv", STOP, "missing or unfinished", "run `make setup`")]
    current = stamp.matches(venv, stamp.wanted(lane, repository))
    checks = [
        Check(".venv", OK, f"{made['lane']} lane, Python {made['python']}")
        if current
        else Check(".venv", NOTE, "not made from the present lock", "`make run` will renew it")
    ]
    for name, version in installed_versions(venv).items():
        checks.append(
            Check(name, OK, version)
            if version
            else Check(name, STOP, "missing", "run `rm -rf .venv && make setup`")
        )
    return [*checks, *_check_variables(venv, repository), _check_data(venv, repository)]


def _ask(venv: str, repository: str, program: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [os.path.join(venv, "bin", "python"), "-c", program],
        cwd=repository,
        # No variable of the shell may put other modules in front of the project's.
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


def _check_variables(venv: str, repository: str) -> List[Check]:
    """What TensorFlow reads from the environment; nothing where it takes all of it."""
    found, _, mend = _ask(venv, repository, _VARIABLES).stdout.strip().rpartition("; ")
    return [Check("environment", STOP, found, mend)] if mend else []


def _check_data(venv: str, repository: str) -> Check:
    asked = _ask(venv, repository, _DATA)
    if asked.returncode != 0:
        last = asked.stderr.strip().splitlines()[-1]
        return Check("data", STOP, last, "the project does not import: run `make check`")
    if asked.stdout:
        return Check("data", OK, asked.stdout.strip())
    mend = "the first run downloads it (30 MB); without a network it takes the bundled sample"
    return Check("data", NOTE, "not on this machine", mend)


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="doctor.py", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    options = parser.parse_args(arguments)
    checks = examine(REPOSITORY, dict(os.environ))
    stopped = any(check.state == STOP for check in checks)
    if options.json:
        print(json.dumps({"ok": not stopped, "checks": [c._asdict() for c in checks]}, indent=2))
    else:
        for check in checks:
            mend = f": {check.mend}" if check.mend else ""
            print(f"{check.state:5} {check.name:26} {check.found}{mend}")
    return 1 if stopped else 0


if __name__ == "__main__":
    sys.exit(main())
