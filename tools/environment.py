"""Makes .venv from the lock of this machine's lane, or finds that there is nothing to do."""

import contextlib
import fcntl
import glob
import os
import shutil
import sys
import time
from typing import Iterator, List, Mapping, Optional

from tools import stamp
from tools.interpreter import find_interpreter
from tools.lane import Lane, LaneError, choose_lane, this_machine
from tools.uv import Uv, UvError, find_uv, get_uv

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATH_FILE = "repository.pth"
NEEDED_GIGABYTES = 5
"""What .venv (3.5) and the downloads for it take."""


class SetupError(RuntimeError):
    """The machine cannot hold the environment as it is; the message says what mends it."""


def main() -> int:
    """Sets up; returns an exit code. Messages go to stderr, so that `make run` can be piped."""
    try:
        set_up(REPOSITORY, os.environ)
    except (LaneError, SetupError, UvError) as error:
        _say(str(error))
        return 1
    except OSError as error:
        _say(f"{error}; mend that and run `make setup` again.")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; run `make setup` to finish.")
        return 130
    return 0


def set_up(repository: str, environ: Mapping[str, str]) -> None:
    """Brings `repository`/.venv in line with the lock.

    Raises:
      LaneError: no lane fits this machine.
      UvError: a download or an installation failed.
      SetupError: .venv is something else, or the disk is too small.
    """
    machine = this_machine()
    lane = choose_lane(machine, environ)
    venv = os.path.join(repository, ".venv")
    wanted = stamp.wanted(lane, repository)
    if stamp.matches(venv, wanted):
        return
    with _one_at_a_time(repository):
        if stamp.matches(venv, wanted):  # another process was faster
            return
        begin = time.monotonic()
        _say(f"lane {lane.name} ({machine})")
        python = _install(lane, repository, venv, environ)
        _write_path_file(venv, repository)
        stamp.write(venv, wanted, python)
        _say(f"ready in {time.monotonic() - begin:.0f} s")


def _install(lane: Lane, repository: str, venv: str, environ: Mapping[str, str]) -> str:
    """Makes .venv anew unless an earlier set-up finished it with the same lane's Python."""
    finished = stamp.read(venv)
    reusable = os.path.exists(os.path.join(venv, "bin", "python")) and (
        (finished.get("lane"), finished.get("repository")) == (lane.name, repository)
    )
    python = find_interpreter(lane.pythons, environ)
    uv = find_uv(repository, environ) or _get_uv(repository, python, environ)
    stamp.remove(venv)
    if reusable:
        python = finished["python"]
    else:
        _make_room(venv)
        python = _make_venv(uv, venv, lane, python)
    lock = stamp.lock_path(lane, repository)
    with _timed(f"installing {os.path.relpath(lock, repository)}"):
        # `sync` also removes what the lock no longer has. Bytecode is compiled here because TFX
        # takes 17 s to import without it, and PYTHONDONTWRITEBYTECODE may forbid it later.
        uv.run(
            *("pip", "sync", "--python", os.path.join(venv, "bin", "python")),
            *("--require-hashes", "--compile-bytecode", lock),
        )
    return python


def _get_uv(repository: str, python: Optional[str], environ: Mapping[str, str]) -> Uv:
    pythons: List[str] = [python] if python else []
    with _timed("getting uv"):
        return get_uv(repository, [*pythons, sys.executable], environ)


def _make_venv(uv: Uv, venv: str, lane: Lane, python: Optional[str]) -> str:
    """Returns the interpreter behind the new venv."""
    if python:
        _say(f"Python {python}")
        uv.run("venv", "--quiet", "--python", python, venv, UV_PYTHON_DOWNLOADS="never")
    else:
        _download_python(uv, venv, lane)
    return os.path.realpath(os.path.join(venv, "bin", "python"))


def _download_python(uv: Uv, venv: str, lane: Lane) -> None:
    missing, version = " or ".join(lane.pythons), lane.pythons[0]
    try:
        with _timed(f"no Python {missing} found, getting {version}"):
            options = ("--python", version, "--python-preference", "only-managed")
            uv.run("venv", *options, venv, UV_PYTHON_DOWNLOADS="automatic")
    except UvError as error:
        raise SetupError(
            f"Python {missing} is not installed and cannot be downloaded: run `pyenv install "
            f"{version}` or use your package manager, then run `make setup` again."
        ) from error


def _make_room(venv: str) -> None:
    """Removes what an interrupted set-up or another lane left; nothing else."""
    leftover = venv + ".old"
    if os.path.lexists(venv):
        # uv writes CACHEDIR.TAG first and pyvenv.cfg last.
        if not {"CACHEDIR.TAG", "pyvenv.cfg"}.intersection(os.listdir(venv)):
            raise SetupError(
                f"{venv} exists and is no virtual environment: move it away, then run "
                "`make setup` again."
            )
        _say("removing the unfinished or outdated .venv")
        os.rename(venv, leftover)
    if os.path.islink(leftover):
        os.remove(leftover)
    elif os.path.exists(leftover):
        shutil.rmtree(leftover)
    free = shutil.disk_usage(os.path.dirname(venv)).free / 1e9
    if free < NEEDED_GIGABYTES:
        raise SetupError(
            f"{os.path.dirname(venv)} has {free:.1f} GB free and set-up needs "
            f"{NEEDED_GIGABYTES}: make room, then run `make setup` again."
        )


def _write_path_file(venv: str, repository: str) -> None:
    """Lets Beam workers and `python -m serving.server` import the project from any folder."""
    [packages] = glob.glob(os.path.join(glob.escape(venv), "lib", "python*", "site-packages"))
    with open(os.path.join(packages, PATH_FILE), "w", encoding="utf-8") as file:
        file.write(path_line(repository) + "\n")


def path_line(repository: str) -> str:
    """What puts a folder on the path of Python, in a file of site-packages. Pure.

    Before Python 3.13 such files are decoded as the locale says, and where that is ASCII no
    interpreter starts beside one with other letters.
    """
    try:
        repository.encode("ascii")
    except UnicodeEncodeError:
        name = repr(os.fsencode(repository))
        return f"import os, sys; sys.path.append(os.fsdecode({name}))"
    return repository


@contextlib.contextmanager
def _one_at_a_time(repository: str) -> Iterator[None]:
    """Holds off a second `make` until this one is done; the lock goes with the process."""
    os.makedirs(os.path.join(repository, ".cache"), exist_ok=True)
    with open(os.path.join(repository, ".cache", "setup.lock"), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another set-up of this folder to finish")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _timed(what: str) -> Iterator[None]:
    _say(what + " …")
    begin = time.monotonic()
    yield
    _say(f"{what}: {time.monotonic() - begin:.0f} s")


def _say(text: str) -> None:
    sys.stderr.write(f"set-up: {text}\n")
    sys.stderr.flush()
