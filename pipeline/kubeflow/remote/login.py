"""Who asks: tokens, cookies and Google's Identity-Aware Proxy, from where kfp's client has them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from documents.json_object import JsonError, parse_object
from documents.regular_file import regular_file
from documents.settings.section import short
from pipeline.kubeflow.remote.error import RemoteError

_LARGEST = 64 * 1024
"""Bytes of a secret; headers of more are refused by servers anyway."""
POD_TOKEN = "/var/run/secrets/kubeflow/pipelines/token"
"""Where Kubernetes puts a pod's own token for Kubeflow Pipelines."""


@dataclasses.dataclass(frozen=True)
class Iap:
    """The OAuth client of Google's Identity-Aware Proxy, and the user's own where there is one."""

    client_id: str
    other_client_id: str | None = None
    other_client_secret: str | None = dataclasses.field(default=None, repr=False)


@dataclasses.dataclass(frozen=True)
class Login:
    """What a request carries so that the server knows who asks."""

    token: str | None = dataclasses.field(default=None, repr=False)
    token_file: str | None = None
    """Read for every request: Kubernetes renews it."""
    cookies: str | None = dataclasses.field(default=None, repr=False)
    header: tuple[str, str] | None = dataclasses.field(default=None, repr=False)
    iap: Iap | None = None

    @property
    def given(self) -> bool:
        return any((self.token, self.token_file, self.cookies, self.header, self.iap))

    @property
    def renewable(self) -> bool:
        return self.iap is not None and not self.token

    def headers(self, iap_token: str | None = None) -> dict[str, str]:
        """Headers of one request.

        Raises:
          RemoteError: the file of the token cannot be read.
        """
        made = {}
        token = self.token or iap_token
        if not token and self.token_file:
            token = secret(f"@{self.token_file}", "--token-file")
        if token:
            made["Authorization"] = f"Bearer {token}"
        if self.cookies:
            made["Cookie"] = self.cookies
        if self.header:
            made[self.header[0]] = self.header[1]
        return made


def secret(given: str | None, option: str) -> str | None:
    """The secret itself, or what is in the file after `@`; on one line, or it is no header.

    Raises:
      RemoteError: the file cannot be read, or holds no such line.
    """
    if given is None:
        return None
    text = given
    if given.startswith("@"):
        try:
            with open(given[1:], encoding="utf-8") as opened:
                text = opened.read(_LARGEST + 1)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise RemoteError(f"{option} cannot be read from {short(given[1:])}: {why}.") from error
    text = text.strip()
    if not text or len(text) > _LARGEST or not text.isascii() or not text.isprintable():
        raise RemoteError(f"{option} must be one line of plain characters.")
    return text


def context(home: str | None = None) -> Mapping[str, Any]:
    """What kfp's client keeps in the home folder: namespace, cookie and header of a login."""
    file = Path(home or os.path.expanduser("~")) / ".config" / "kfp" / "context.json"
    try:
        with regular_file(file) as opened:
            return parse_object(opened.read(_LARGEST))
    except (OSError, JsonError):
        return {}


def iap_token(iap: Iap) -> str:
    """A token for the proxy, by kfp's own code: of a service account, or of a user who consents.

    Raises:
      RemoteError: Google gives none.
    """
    from kfp.client import auth  # More than a second, and only IAP needs it.

    try:
        token, _ = auth.get_auth_token(iap.client_id, iap.other_client_id, iap.other_client_secret)
    except Exception as error:  # Of google.auth, of requests, and of kfp itself.
        why = short(" ".join(str(error).split()), 200).rstrip(".")
        raise RemoteError(
            f"Google gives no token for --iap-client-id {short(iap.client_id)}: {why}; name a "
            "service account's key in GOOGLE_APPLICATION_CREDENTIALS, or give --other-client-id "
            "and its secret."
        ) from error
    if not token:
        raise RemoteError(
            f"Google gives no token for --iap-client-id {short(iap.client_id)}: the credentials "
            "here are a user's; name a service account's key in GOOGLE_APPLICATION_CREDENTIALS, or "
            "give --other-client-id and its secret."
        )
    return str(token)
