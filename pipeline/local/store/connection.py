"""Connections to the ML Metadata store of a run, which wait for one that does not answer.

TFX opens a connection wherever it needs one, so a store that comes back while a node computes is
not noticed to have been away. One that is away when it is needed is waited for here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ml_metadata import errors
from tfx.orchestration import metadata

from documents.store_address import StoreAddress
from pipeline.local.store.first_words import first_words
from pipeline.local.store.refusal import refusal, refused, said
from pipeline.local.store.sqlite_file import StoreError
from serving.base_path.metadata_client import open_store, silence
from serving.base_path.metadata_connection import connection_config
from serving.base_path.metadata_protocol import ProtocolError, absence, demand_protocol

T = TypeVar("T")

_PAUSE_SECONDS = 2.0
_REFUSED_SECONDS = 30.0
"""How long one is asked again that can be reached: it may be starting, or being filled."""
# What MySQL's and PostgreSQL's clients say of a server that is not there, through MLMD's
# InternalError: https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html
_AWAY = (
    *("gone away", "lost connection", "can't connect", "errno: 2002", "errno: 2003"),
    *("errno: 2006", "errno: 2013", "errno: 2055", "errno: 1053", "errno: 1927"),
    *("connection refused", "connection to server", "terminating connection", "no connection to"),
    *("server closed the connection", "could not connect", "mysql_real_connect failed"),
    *("shutting down", "shutdown in progress", "starting up", "pg connection"),
)


class StoreGoneError(StoreError):
    """The store did not answer for as long as a run waits; the message names it."""


class Connection(metadata.Metadata):
    """As TFX's, to a store behind a server that may be away for a while."""

    def __init__(self, address: StoreAddress, patience_seconds: float):
        super().__init__(connection_config(address))
        self._address = address
        self._patience, self._was_opened = patience_seconds, False
        self.is_gone = False
        """Whether it did not answer for so long that somebody gave up."""

    def __enter__(self) -> Connection:
        self.patiently(self._open)
        self._users += 1
        return self

    def _open(self) -> None:
        silence()
        if not self._was_opened:
            try:
                demand_protocol(self._address)
            except ProtocolError as error:
                raise StoreError(str(error)) from error
        try:
            store = self._opened()
            # A channel of gRPC is made whether or not somebody answers.
            store.get_artifact_types()
        except (RuntimeError, errors.StatusError) as error:
            raise _UnopenedError(error) from error
        self._store: Any = store
        self._was_opened = True

    def _opened(self) -> Any:
        """Whoever may not make databases may have one that is there."""
        try:
            return open_store(connection_config(self._address, make_database=False))
        except RuntimeError as error:
            # Who got no answer gets none to the second question, each after a minute.
            if self._address.scheme == "mysql" and not said(str(error)):
                raise
            return open_store(connection_config(self._address))

    def patiently(self, work: Callable[[], T]) -> T:
        """The result of `work`, which is begun again while the store does not answer.

        Raises:
          StoreGoneError: it did not for too long.
        """
        start, told = time.monotonic(), False
        while True:
            try:
                return work()
            except Exception as error:
                if not is_away(error):
                    raise
                waited, away = time.monotonic() - start, absence(self._address)
                patience = self._patience if away else min(self._patience, _REFUSED_SECONDS)
                known = refusal(str(error))
                if known and not known.waits:
                    patience = 0.0
                if waited >= patience:
                    self.is_gone = True
                    raise StoreGoneError(self._sentence(error, away)) from error
                if not told:
                    logging.getLogger("progress").warning(
                        "The metadata store %s %s; it is asked again for %.0f s",
                        self._address.shown,
                        "does not answer" if away else "lets nobody in",
                        patience,
                    )
                    told = True
                time.sleep(min(_PAUSE_SECONDS, max(0.1, patience - waited)))

    def explained(self, error: BaseException) -> BaseException:
        """In place of what a library says of a store that went away in the middle of a question."""
        if not is_away(error):
            return error
        self.is_gone = True
        went = None if refusal(str(error)) else "it went away"
        told = StoreGoneError(self._sentence(error, absence(self._address) or went))
        told.__cause__ = error
        return told

    def _sentence(self, error: BaseException, away: str | None) -> str:
        if away:
            return (
                f"The metadata store {self._address.shown} does not answer ({away}): see to it,"
                " or mend metadata.store, and run the same command again."
            )
        words = said(self._address.without_password(str(error))) or first_words(self._address)
        return refused(self._address.shown, words)


class _UnopenedError(Exception):
    """MLMD raises bare RuntimeErrors where it cannot connect, and two that make its tables at
    once get in each other's way."""


def is_away(error: BaseException) -> bool:
    """Whether the error says that nobody answers or takes anything, not that one asked wrongly."""
    if isinstance(error, (_UnopenedError, errors.UnavailableError, errors.DeadlineExceededError)):
        return True
    text = str(error).lower().rstrip()
    internal = isinstance(error, (errors.InternalError, errors.AbortedError, errors.UnknownError))
    known = text.endswith("error:") or any(words in text for words in _AWAY) or refusal(text)
    return internal and bool(known)


def connection_to_file(path: Path) -> metadata.Metadata:
    """A connection to the file in ROOT, which is made when it is first used."""
    return metadata.Metadata(metadata.sqlite_metadata_connection_config(str(path)))
