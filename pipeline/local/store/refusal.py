"""Why a metadata store that answers does not do what it is asked, by its own words, and what mends
it. Pure.

https://mariadb.com/docs/server/reference/error-codes,
https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

import dataclasses

from documents.store_address import PASSWORD, PASSWORD_FILE

_LONGEST = 300


@dataclasses.dataclass(frozen=True)
class Refusal:
    """One kind."""

    words: tuple[str, ...]
    """In what a database says, in small letters."""
    mend: str
    waits: bool = True
    """Whether it may be over soon, so that what was made is kept until then."""


_LOGIN = f"check user and database in metadata.store, and {PASSWORD} or {PASSWORD_FILE}"
_UNSAID = f"{_LOGIN}, and whether the server lets this user in from here, also without TLS"
_REFUSALS = (
    Refusal(
        ("than library version",),
        "name another database in metadata.store, or install the release of ml-metadata that made"
        " this one",
        waits=False,
    ),
    Refusal(
        ("read-only", "read only"),
        "let it be written to, or name the server in metadata.store that can be",
    ),
    Refusal(
        ("too many connections", "too many clients", "connection slots"),
        "end what else is connected, or raise the limit of the server",
    ),
    Refusal(("no space left", "disk full", "' is full", "disk quota"), "make room on its disk"),
    Refusal(
        ("pg_hba.conf", "insecure transport", "is blocked", "is not allowed to connect"),
        "have the server let this user in from this machine, also without TLS",
    ),
    Refusal(
        ("command denied", "access denied for user", "permission denied", "must be owner"),
        "give this user all rights on that database, or name another one in metadata.store",
    ),
    Refusal(("unknown database", "does not exist"), f"make it there, or {_LOGIN}"),
)


def refusal(words: str) -> Refusal | None:
    """What is known of what a database says; None where that is nothing."""
    text = words.lower()
    return next((each for each in _REFUSALS if any(word in text for word in each.words)), None)


def said(text: str) -> str:
    """What MLMD tells of a database's own words, in one line; empty where it tells nothing."""
    text = " ".join(text.split())
    # Of MySQL it has everything twice.
    before, found, after = text.rpartition(", error: ")
    if found and before.endswith(after):
        text = after
    text = text.removeprefix("PostgreSQL metadata source error: ").removeprefix("ERROR: ").strip()
    text = text.partition(" LINE 1: ")[0]
    # Some of its errors end where the reason should begin: "errno: , error: ".
    return "" if text.endswith((":", "error", "NULL")) else text


def refused(shown: str, words: str) -> str:
    """The sentence of a store that can be reached.

    Args:
      shown: its address, without the password.
      words: of the database, without the password; may be empty.
    """
    known, reason = refusal(words), f" ({words[:_LONGEST].rstrip('. ')})" if words else ""
    if known:
        return f"The metadata store {shown} cannot be used{reason}: {known.mend}."
    return f"The metadata store {shown} refuses this user{reason}: {_LOGIN if words else _UNSAID}."
