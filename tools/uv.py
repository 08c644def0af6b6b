"""Gets and calls uv, which installs the locks, and turns its failures into sentences."""

import os
import re
import shutil
import subprocess
import sys
from typing import Dict, List, Mapping, Optional, Sequence

BOOT = ".boot"
PIN = os.path.join("locks", "uv.lock")

# uv knows nothing of pip's settings; a mirror or a company's certificate is usually set for pip.
_FROM_PIP = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "SSL_CERT_FILE": "PIP_CERT"}
# Would send packages elsewhere than into .venv.
_HARMFUL = ("UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_TARGET", "UV_PREFIX", "VIRTUAL_ENV")

# Of 200 packages, only what explains a long wait is worth a line.
_NOISE = re.compile(
    r" [-+~] | +(Downloaded|Building|Built) | +Downloading .*\((\d+\.\d+KiB|\d{1,2}\.\d+MiB)\)"
)

_CAUSES = (
    (
        r"dns error|failed to lookup|tcp connect|client error \(connect\)|network is unreachable"
        r"|connection (refused|reset)|temporary failure in name resolution|timed out|offline"
        r"|newconnectionerror|max retries|certificate",
        "no package index can be reached: check the network, or point PIP_INDEX_URL (and PIP_CERT) "
        "to a mirror, then run `make setup` again",
    ),
    (
        r"no space left|os error 28|errno 28|disk quota",
        "the disk is full: set-up needs about 5 GB, then run `make setup` again",
    ),
    (
        r"(command|no such file or directory:) ['\"]?[\w./-]*(c\+\+|g\+\+|gcc|\bcc|clang)['\" ]",
        "a package has to be compiled and there is no C++ compiler: run `sudo apt-get install g++` "
        "(macOS: `xcode-select --install`), then `make setup` again",
    ),
    (
        r"python\.h: no such file|'python\.h' file not found",
        "a package has to be compiled and this Python has no headers: run `sudo apt-get install "
        "python3-dev`, then `make setup` again",
    ),
    (
        r"ensurepip is not|no module named '?(venv|ensurepip|pip)\b",
        "this Python cannot make environments: run `sudo apt-get install python3-venv`, then "
        "`make setup` again",
    ),
    (
        r"hash mismatch|hashes are required|do not match the hashes",
        "a package differs from its hash in the lock: a mirror or cache has tampered with or "
        "re-built it; run `uv cache clean` and `make setup` again, or use another mirror",
    ),
)


class UvError(RuntimeError):
    """uv could not be had or failed; the message says why and what mends it."""


class Uv:
    """A uv that works, called from the folder `repository`."""

    def __init__(self, path: str, repository: str, environ: Mapping[str, str]) -> None:
        self.path = path
        self.repository = repository
        self.environ = settings_from_pip(environ)

    def run(self, *arguments: str, **environ: str) -> None:
        """Runs uv, with `environ` added, and passes the gist of its progress on to stderr.

        Raises:
          UvError: uv failed.
        """
        said: List[str] = []
        with subprocess.Popen(
            [self.path, *arguments],
            cwd=self.repository,
            env=dict(self.environ, **environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            universal_newlines=True,
        ) as process:
            for line in process.stderr or ():
                said.append(line)
                if not _NOISE.match(line):
                    sys.stderr.write("  " + line)
                    sys.stderr.flush()
        if process.returncode != 0:
            raise UvError(explain("uv " + arguments[0], "".join(said)))


def settings_from_pip(environ: Mapping[str, str]) -> Dict[str, str]:
    """The environment for uv: with pip's index and certificate where uv has none of its own."""
    own = {key: value for key, value in environ.items() if key not in _HARMFUL}
    for key, pip_key in _FROM_PIP.items():
        if pip_key in own:
            own.setdefault(key, own[pip_key])
    return own


def find_uv(repository: str, environ: Mapping[str, str]) -> Optional[Uv]:
    """The uv on PATH or the one that get_uv() installed earlier."""
    on_path = shutil.which("uv", path=environ.get("PATH", os.defpath))
    for path in (on_path, os.path.join(repository, BOOT, "bin", "uv")):
        if path and _starts(path):
            return Uv(path, repository, environ)
    return None


def get_uv(repository: str, pythons: Sequence[str], environ: Mapping[str, str]) -> Uv:
    """Installs the pinned uv into .boot with pip, using the first of `pythons` that can.

    Raises:
      UvError: none of them could; the message gives the last one's reason.
    """
    boot = os.path.join(repository, BOOT)
    said = "no module named venv"
    for python in pythons:
        shutil.rmtree(boot, ignore_errors=True)
        pip = [os.path.join(boot, "bin", "python"), "-m", "pip", "install", "--quiet"]
        for command in (
            [python, "-m", "venv", boot],
            [*pip, "--require-hashes", "--no-deps", "-r", os.path.join(repository, PIN)],
        ):
            done = subprocess.run(
                command,
                cwd=repository,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                universal_newlines=True,
            )
            if done.returncode != 0:
                said = done.stdout
                break
        else:
            return Uv(os.path.join(boot, "bin", "uv"), repository, environ)
    shutil.rmtree(boot, ignore_errors=True)
    raise UvError(explain("Installing uv", said))


def explain(what: str, output: str) -> str:
    """One sentence on why `what` failed, told from its output."""
    for pattern, cause in _CAUSES:
        if re.search(pattern, output, re.IGNORECASE):
            return f"{what} failed: {cause}."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.search("error|×", line, re.IGNORECASE)]
    told = (errors or lines or ["it said nothing"])[0]
    return f"{what} failed: {told}"


def _starts(path: str) -> bool:
    """A pyenv shim for uv exists on PATH even where no uv is behind it."""
    try:
        code = subprocess.call(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return False
    return code == 0
