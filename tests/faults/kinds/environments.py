"""Odd surroundings: homes, locales, users, working folders, temporary folders, proxies, paths."""

from __future__ import annotations

import dataclasses
import itertools
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from serving.base_path.versions import publish
from tests.faults import pipeline_run as runs
from tests.faults.kinds.disks import missing as missing_mounts
from tests.faults.pipeline_run import RECORDED_STORE
from tests.faults.trial import Budget, Trial, problem_of
from tests.serving.base_path.written import make_model

name = "odd surroundings"
share = 5.0
_UID = "54321"
_SAMPLE = runs.REPOSITORY / "configs/fashion_mnist_sample"
_FIRST_RUNS_SECONDS = 120.0
"""What the runs take that make the ROOT in which the others find everything."""


@dataclasses.dataclass(frozen=True)
class _Surrounding:
    """What differs from an ordinary start, and the exit codes that are right."""

    env: Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    """None removes a variable."""
    cwd: Path | None = None
    before: Sequence[str] = ()
    clone: Path = runs.REPOSITORY
    """Where the project lies."""
    root: str | None = None
    """A folder's name for a ROOT of its own, in which nothing has run."""
    settings: Sequence[str] = ()
    """Overrides, for a ROOT of its own."""
    allowed: tuple[int, ...] = (0,)
    """Of a whole run; a command may always end with 1 as well, where it has nothing to say."""
    silent: bool = False
    """Whether nothing can be shown."""

    def environment(self) -> dict[str, str]:
        whole = {**os.environ, **self.env}
        return {key: value for key, value in whole.items() if value is not None}


def missing() -> str | None:
    return None


def trials(budget: Budget) -> Iterator[Trial]:
    """Short commands in each surrounding; whole runs, cached or the start of a new one."""
    found = list(_surroundings(budget.folder).items())
    # From a folder with other modules of our names `python -m` takes those.
    asked = [
        pair for pair in itertools.product(found, _commands(budget.folder)) if not pair[0][1].cwd
    ]
    budget.dice.shuffle(asked)
    short = budget.halved()
    for (what, here), command in asked:
        if short.is_spent:
            break
        yield Trial(f"{' '.join(command[:3])} with {what}", _asked(here, command))
    if not budget.allows(_FIRST_RUNS_SECONDS):
        return
    root = runs.finished_root(budget.shared)
    known = runs.contents(root)
    budget.dice.shuffle(found)
    for what, here in found:
        if budget.is_spent:
            return
        place = budget.folder / here.root if here.root else root
        # Of a new ROOT the first nodes are enough to see whether its path is taken as it is.
        given = [part for each in here.settings for part in ("--set", each)]
        ended = runs.finish(
            runs.start(
                place,
                *((*given, "--to", "StatisticsGen") if here.root else ()),
                before=here.before,
                cwd=here.cwd,
                env=here.environment(),
                clone=here.clone,
            )
        )
        problem = problem_of(ended.code, ended.shown, here.allowed)
        yield Trial(f"a run with {what}", problem or runs.problem_in(root, known))


def _commands(folder: Path) -> tuple[tuple[str, ...], ...]:
    base = folder / "base"
    publish(make_model(folder / "model"), base, version=1)
    return (
        ("-m", "serving", "versions", "--base-path", str(base)),
        ("-m", "inspection", "runs", "--store", str(RECORDED_STORE)),
        ("-m", "serving", "predict", "--url", "http://127.0.0.1:9", "none.png"),
    )


def _asked(here: _Surrounding, command: Sequence[str]) -> str | None:
    """What is wrong about the answer of a command that works in any folder but needs the clone."""
    env = here.environment()
    # From another folder `python -m` finds the project by this.
    env["PYTHONPATH"] = os.pathsep.join([str(here.clone), *filter(None, [env.get("PYTHONPATH")])])
    try:
        done = subprocess.run(
            [*here.before, sys.executable, *command],
            cwd=here.cwd or here.clone,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
        )
    except subprocess.TimeoutExpired:
        return "it hangs"
    shown = done.stdout + done.stderr
    problem = problem_of(done.returncode, shown, (0, 1, *here.allowed))
    if problem is None and not shown.strip() and not here.silent:
        problem = "not a word"
    return problem


def _shell(script: str) -> tuple[str, ...]:
    """What runs a command after some lines of shell."""
    return ("sh", "-c", f'{script}; exec "$@"', "sh")


def _read_only(*places: Path) -> tuple[str, ...]:
    binds = "; ".join(
        f"mount --bind {shlex.quote(str(place))} {shlex.quote(str(place))} && "
        f"mount -o remount,ro,bind {shlex.quote(str(place))}"
        for place in places
    )
    return ("unshare", "--mount", *_shell(binds))


def _surroundings(folder: Path) -> dict[str, _Surrounding]:
    odd = folder / "odd cwd"
    for name_ in ("serving", "models", "documents", "numpy"):
        (odd / name_).mkdir(parents=True, exist_ok=True)
        (odd / name_ / "__init__.py").write_text("raise RuntimeError('the wrong one')\n")
    (odd / "queue.py").write_text("raise RuntimeError('the wrong one')\n")
    ours = folder / "names of ours"
    shutil.copytree(odd / "serving", ours / "serving", dirs_exist_ok=True)
    (ours / "sitecustomize.py").write_text("")
    long = folder / ("t" * 100) / ("u" * 60)
    for place in (long, folder / "gone", folder / "closed", folder / "home"):
        place.mkdir(parents=True, exist_ok=True)
    (folder / "closed").chmod(0)
    clone = folder / "a clone [1], 'é'"
    _copy_project(clone)
    data = folder / "data [1]*"
    shutil.copytree(_SAMPLE, data, dirs_exist_ok=True)
    shutil.copytree(_SAMPLE, folder / "data 1", dirs_exist_ok=True)
    startup = odd / "queue.py"
    half = folder / "half"
    for keras in (half, half / ".keras"):
        keras.mkdir(exist_ok=True)
        (keras / "keras.json").write_text(
            '{"floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}'
        )
    proxy = "http://127.0.0.1:9"
    found = {
        "no HOME": _Surrounding({"HOME": None}),
        "a HOME that is not there": _Surrounding({"HOME": "/proc/nonexistent"}),
        "a HOME called ~": _Surrounding({"HOME": "~"}),
        "an empty HOME": _Surrounding({"HOME": ""}),
        "a HOME that is a file": _Surrounding({"HOME": "/etc/hostname"}),
        "an empty XDG_CACHE_HOME": _Surrounding({"XDG_CACHE_HOME": ""}),
        "no variable at all": _Surrounding(dict.fromkeys(os.environ)),
        "ASCII": _Surrounding({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}),
        "ASCII that is not coerced": _Surrounding(
            {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        ),
        "UTF-16 on the terminal": _Surrounding({"PYTHONIOENCODING": "utf-16"}),
        "a locale that is not installed": _Surrounding({"LC_ALL": "en_US", "LANG": "en_US"}),
        "an installed one of nowhere": _Surrounding({"LC_ALL": "tr_TR.ISO-8859-9"}),
        "PYTHONPATH with our names in it": _Surrounding({"PYTHONPATH": str(ours)}),
        "PYTHONSTARTUP": _Surrounding({"PYTHONSTARTUP": str(startup)}),
        "PYTHONWARNINGS=error": _Surrounding({"PYTHONWARNINGS": "error"}),
        "PYTHONUNBUFFERED": _Surrounding({"PYTHONUNBUFFERED": "1"}),
        "PYTHONHASHSEED": _Surrounding({"PYTHONHASHSEED": "7"}),
        "PYTHONDEVMODE": _Surrounding({"PYTHONDEVMODE": "1"}),
        "PYTHONOPTIMIZE": _Surrounding({"PYTHONOPTIMIZE": "2"}, allowed=(2,)),
        "a working folder with our names in it": _Surrounding(cwd=odd),
        "a working folder that was deleted": _Surrounding(
            before=_shell(
                f"mkdir -p {shlex.quote(str(folder / 'gone'))}; "
                f"cd {shlex.quote(str(folder / 'gone'))}; rmdir ../gone"
            )
        ),
        "a long TMPDIR": _Surrounding({"TMPDIR": str(long)}),
        "a TMPDIR that is not there": _Surrounding({"TMPDIR": "/proc/nonexistent"}),
        "a TMPDIR that is a file": _Surrounding({"TMPDIR": "/etc/hostname"}),
        "a TMPDIR with brackets": _Surrounding({"TMPDIR": str(data)}, allowed=(2,)),
        "proxies": _Surrounding(
            dict.fromkeys(
                ("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY", "grpc_proxy"), proxy
            )
        ),
        "no PATH": _Surrounding({"PATH": ""}),
        "an odd TZ": _Surrounding({"TZ": "Nowhere/Never"}),
        "a TZ far east": _Surrounding({"TZ": "XYZ-23:59"}),
        "TERM=dumb, one column": _Surrounding({"TERM": "dumb", "COLUMNS": "1", "LINES": "0"}),
        "no TERM, columns that are none": _Surrounding({"TERM": None, "COLUMNS": "x"}),
        "forced colours": _Surrounding({"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}),
        "a chatty TensorFlow": _Surrounding(
            {"TF_CPP_MIN_LOG_LEVEL": "0", "TF_CPP_MAX_VLOG_LEVEL": "0"}
        ),
        "a Keras of half precision": _Surrounding({"HOME": str(half), "KERAS_HOME": str(half)}),
        "another Keras": _Surrounding({"TF_USE_LEGACY_KERAS": "0", "KERAS_BACKEND": "torch"}),
        "GPUs that are not there": _Surrounding({"CUDA_VISIBLE_DEVICES": "7,x"}),
        "TF_CONFIG": _Surrounding({"TF_CONFIG": "{"}),
        "threads that are none": _Surrounding(
            {"TF_NUM_INTRAOP_THREADS": "x", "OMP_NUM_THREADS": "0"}
        ),
        "a module cache that is not there": _Surrounding({"TFHUB_CACHE_DIR": "/proc/nonexistent"}),
        "umask 000": _Surrounding(before=_shell("umask 000")),
        "umask 077": _Surrounding(before=_shell("umask 077")),
        "nothing open": _Surrounding(before=_shell("exec <&- >&- 2>&-"), silent=True),
        "no standard input": _Surrounding(before=_shell("exec <&-")),
        "a full standard output": _Surrounding(before=_shell("exec >/dev/full"), allowed=(0, 1)),
        "a reader that has gone": _Surrounding(
            before=("sh", "-c", '"$@" | head -n 1', "sh"), allowed=(0, 141)
        ),
        "SIGPIPE and SIGHUP ignored": _Surrounding(before=_shell("trap '' PIPE HUP")),
        "256 open files": _Surrounding(before=_shell("ulimit -n 256")),
        "40 open files": _Surrounding(before=_shell("ulimit -n 40"), allowed=(0, 1, 2)),
        "little memory": _Surrounding(before=_shell("ulimit -v 3000000"), allowed=(0, 1)),
        "short files": _Surrounding(before=_shell("ulimit -f 1"), allowed=(1, 2)),
        "spaces in ROOT": _Surrounding(root="a root, with 'marks' & \"more\""),
        "no ASCII in ROOT": _Surrounding(root="wörk→スペース"),
        "signs of shells in ROOT": _Surrounding(root="$HOME;#%20 100% -x"),
        "brackets in ROOT": _Surrounding(root="root [1]", allowed=(0, 2)),
        "a question mark in ROOT": _Surrounding(root="root?", allowed=(0, 2)),
        "a brace in ROOT": _Surrounding(root="{SPAN}", allowed=(0, 2)),
        "no text in ROOT": _Surrounding(root=os.fsdecode(b"root\xff"), allowed=(2,)),
        "brackets in data.folder": _Surrounding(
            root="of brackets", settings=(f"data.folder={data}", "data.source=auto")
        ),
        "an odd base path": _Surrounding(
            root="of spaces", settings=(f"push.base_path={folder}/base path, é/m",)
        ),
        "an odd place of the clone": _Surrounding(clone=clone, allowed=(0, 2)),
    }
    if missing_mounts() is None:
        found["a clone that is read-only"] = _Surrounding(before=_read_only(runs.REPOSITORY))
        found["a HOME that is read-only"] = _Surrounding(
            {"HOME": str(folder / "home")}, before=_read_only(folder / "home")
        )
        found["a TMPDIR that is read-only"] = _Surrounding(
            {"TMPDIR": str(long)}, before=_read_only(long)
        )
    if os.geteuid() == 0 and shutil.which("setpriv"):
        without = (
            "setpriv",
            "--bounding-set",
            "-dac_override,-dac_read_search",
            "--inh-caps",
            "-all",
        )
        found["a working folder that is closed"] = _Surrounding(
            before=(*_shell(f"cd {shlex.quote(str(folder / 'closed'))}"), *without)
        )
        found["a user without a name, who may write nothing"] = _Surrounding(
            {"HOME": None},
            before=("setpriv", "--reuid", _UID, "--regid", _UID, "--clear-groups"),
            # A ROOT of root's: one sentence. Or Python itself is out of this user's reach.
            allowed=(1, 2, 126, 127),
        )
    return found


def _copy_project(to: Path) -> None:
    """The files of the project, without its environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=runs.REPOSITORY, capture_output=True, check=True
    ).stdout
    for name_ in map(os.fsdecode, listed.split(b"\0")):
        source = runs.REPOSITORY / name_
        if name_ and not name_.startswith(("tests/", "docs/")) and source.is_file():
            (to / name_).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, to / name_)
