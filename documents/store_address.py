"""Addresses of ML Metadata stores behind a server."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from documents import writer
from documents.regular_file import regular_file
from documents.workspace import Workspace

PASSWORD = "METADATA_PASSWORD"
"""Variable of the environment that holds the password of an address without one."""
PASSWORD_FILE = "METADATA_PASSWORD_FILE"
"""Variable that names a file with it, as containers mount their secrets."""
PORTS = {"mysql": 3306, "postgresql": 5432, "grpc": 8080}
_EXAMPLES = {
    "mysql": "mysql://user:password@host:3306/metadb",
    "postgresql": "postgresql://user:password@host:5432/metadb",
    "grpc": "grpc://host:8080",
}
_LARGEST_PASSWORD = _LARGEST_ADDRESS = 4096


class AddressError(ValueError):
    """An address says too little; the message does not repeat it, as it may hold a password."""


@dataclasses.dataclass(frozen=True)
class StoreAddress:
    """Where a store is, and who asks."""

    scheme: str
    host: str
    port: int
    database: str
    user: str
    password: str = dataclasses.field(repr=False)

    @property
    def shown(self) -> str:
        """For people, and for `parse_address`: without the password."""
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        database = quote(self.database, safe="")
        return f"{self.scheme}://{user}{host}:{self.port}/{database}".rstrip("/")

    def without_password(self, text: str) -> str:
        """A message of a library, which may quote what it was given."""
        return text.replace(self.password, "…") if self.password else text

    def with_password(self, environment: Mapping[str, str] = os.environ) -> StoreAddress:
        """The same with the password of the environment, where the address has none.

        Raises:
          AddressError: the file that the environment names cannot be read.
        """
        if self.password or self.scheme == "grpc":
            return self
        found = environment.get(PASSWORD, "")
        file = environment.get(PASSWORD_FILE)
        if file and not found:
            try:
                with regular_file(file) as opened:
                    found = opened.read(_LARGEST_PASSWORD).decode().rstrip("\r\n")
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or "it holds no text"
                raise AddressError(
                    f"The password of the metadata store cannot be read: {PASSWORD_FILE} ="
                    f" {file}: {reason}; name a file that holds it."
                ) from error
        return dataclasses.replace(self, password=found)


def read_address(root: Path) -> str | None:
    """The address of the store of runs in ROOT, without a password; None: it is ROOT's own file."""
    try:
        with regular_file(Workspace(root).address) as file:
            text = file.read(_LARGEST_ADDRESS).decode("utf-8", "replace").strip()
    except (OSError, ValueError):
        return None
    return text if text.partition("://")[0] in PORTS else None


def write_address(root: Path, address: StoreAddress | None) -> None:
    """Puts down where runs in ROOT are recorded; None: in ROOT itself.

    Raises:
      OSError: it cannot be written.
    """
    path = Workspace(root).address
    if address is None:
        path.unlink(missing_ok=True)
    else:
        writer.replace(str(path), f"{address.shown}\n".encode())


def parse_address(text: str) -> StoreAddress:
    """Takes a URL apart; user and password may be percent-encoded.

    Args:
      text: begins with one of PORTS and `://`.

    Raises:
      AddressError: a part is missing.
    """
    scheme, _, rest = text.partition("://")
    if "@" in "".join(re.split(r"([/?#])", rest, maxsplit=1)[1:]):
        raise AddressError(
            "The address of the store has an @ behind its host; write @ as %40, / as %2F, ? as %3F "
            f"and # as %23 in a password, or leave it out and set {PASSWORD}."
        )
    incomplete = f"The address of the store is incomplete; write {_EXAMPLES[scheme]}."
    try:
        parts = urlsplit(text)
        port = parts.port or PORTS[scheme]
    except ValueError as error:
        raise AddressError(incomplete) from error
    database = unquote(parts.path.strip("/"))
    if not parts.hostname or (scheme != "grpc" and not database):
        raise AddressError(incomplete)
    # The library aborts the process that gives it none.
    if scheme == "postgresql" and not parts.username:
        raise AddressError(incomplete)
    return StoreAddress(
        scheme,
        parts.hostname,
        port,
        database,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
