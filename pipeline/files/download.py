"""Fetches files into a folder: from a Debian package without root, or over HTTP."""

from __future__ import annotations

import http.client
import logging
import shutil
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

TIMEOUT_SECONDS = 30
APT_TIMEOUT_SECONDS = 180

_CHUNK = 256 << 10
_SECONDS_BETWEEN_REPORTS = 1
_progress = logging.getLogger("progress")


class DownloadError(OSError):
    """Something could not be fetched; the message says what and why."""


def fetch_url(
    url: str | urllib.request.Request,
    target: Path,
    *,
    max_bytes: int,
    context: ssl.SSLContext | None = None,
) -> None:
    """Downloads `url` to `target`, which is half-written when this fails.

    Raises:
      DownloadError: no answer, an error status, a broken connection, or more than `max_bytes`.
    """
    name = url if isinstance(url, str) else url.full_url
    started = reported = time.monotonic()
    received = 0
    try:
        with (
            urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS, context=context) as response,
            target.open("wb") as file,
        ):
            total = int(response.headers.get("Content-Length") or 0)
            while chunk := response.read(_CHUNK):
                received += len(chunk)
                if received > max_bytes:
                    raise DownloadError(f"{name} is larger than the {max_bytes} bytes allowed")
                file.write(chunk)
                now = time.monotonic()
                if received == total or now - reported >= _SECONDS_BETWEEN_REPORTS:
                    _report(target.name, received, total, now - started)
                    reported = now
    except DownloadError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DownloadError(f"cannot download {name}: {error}") from error
    if received < total:
        raise DownloadError(f"{name} broke off after {received} of {total} bytes")


def fetch_debian_package(package: str, folder: Path) -> Path:
    """Downloads a Debian package and unpacks it below `folder`, as any user.

    apt keeps its lists, cache and locks in `folder`: neither root nor up-to-date system lists are
    needed, and a running apt is not disturbed.

    Returns:
      Folder that stands for the root of the package's paths.

    Raises:
      DownloadError: apt or dpkg is missing or fails.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise DownloadError("there is no apt-get and dpkg here")
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    options = {
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        # Started by root, apt would fetch as user _apt, who cannot write here.
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": 0,
        "Acquire::http::Timeout": TIMEOUT_SECONDS,
        "Acquire::https::Timeout": TIMEOUT_SECONDS,
    }
    apt = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in options.items())]
    _progress.info("fetching Debian package %s", package)
    _run([*apt, "update"], folder)
    _run([*apt, "download", package], folder)
    archives = list(folder.glob("*.deb"))
    if not archives:
        raise DownloadError(f"apt-get downloaded no {package}")
    root = folder / "root"
    _run(["dpkg", "-x", str(archives[0]), str(root)], folder)
    return root


def _run(command: list[str], folder: Path) -> None:
    what = " ".join(word for word in command if not word.startswith("-o"))
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=APT_TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise DownloadError(f"{what} took longer than {APT_TIMEOUT_SECONDS} s") from error
    if done.returncode:
        lines = done.stdout.strip().splitlines() or [f"exit code {done.returncode}"]
        raise DownloadError(f"{what} failed: {lines[-1]}")


def _report(name: str, received: int, total: int, seconds: float) -> None:
    extra: dict[str, float] = {}
    if total:
        extra = {"step": received, "total": total, "eta": seconds * (total - received) / received}
    _progress.info("downloading %s", name, extra=extra)
