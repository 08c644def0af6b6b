"""Addresses of stores behind a server."""

from __future__ import annotations

import dataclasses
from urllib.parse import unquote, urlsplit

from inspection.stores.error import StoreError

PORTS = {"mysql": 3306, "postgresql": 5432, "grpc": 8080}
_EXAMPLES = {
    "mysql": "mysql://user:password@host:3306/metadb",
    "postgresql": "postgresql://user:password@host:5432/metadb",
    "grpc": "grpc://host:8080",
}


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a store is, and who asks."""

    scheme: str
    host: str
    port: int
    database: str
    user: str
    password: str = dataclasses.field(repr=False)

    @property
    def shown(self) -> str:
        """For people: without the password."""
        user = f"{self.user}@" if self.user else ""
        return f"{self.scheme}://{user}{self.host}:{self.port}/{self.database}".rstrip("/")

    def without_password(self, text: str) -> str:
        """A message of a library, which may quote what it was given."""
        return text.replace(self.password, "…") if self.password else text


def parse_address(text: str) -> Address:
    """Takes a URL apart; user and password may be percent-encoded.

    Raises:
      StoreError: a part is missing. The message does not repeat the address, which may hold a
        password.
    """
    scheme = text.partition("://")[0]
    incomplete = f"The address of the store is incomplete; write {_EXAMPLES[scheme]}."
    try:
        parts = urlsplit(text)
        port = parts.port or PORTS[scheme]
    except ValueError as error:
        raise StoreError(incomplete) from error
    database = unquote(parts.path.strip("/"))
    if not parts.hostname or (scheme != "grpc" and not database):
        raise StoreError(incomplete)
    # The library aborts the process that gives it none.
    if scheme == "postgresql" and not parts.username:
        raise StoreError(incomplete)
    return Address(
        scheme,
        parts.hostname,
        port,
        database,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
