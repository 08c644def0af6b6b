"""Download one archive by the TensorFlow Hub web protocol, within limits.

Protocol: https://www.tensorflow.org/hub/hosting (`?tf-hub-format=compressed`, redirects).
"""

from __future__ import annotations

import logging
import time
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from models.hub.archive import SUFFIXES

if TYPE_CHECKING:
    import requests

MAX_REDIRECTS = 5

_CHUNK_BYTES = 1 << 18
_PROGRESS_BYTES = 1_000_000
_PROGRESS_SECONDS = 0.5

progress = logging.getLogger("progress")


class DownloadError(OSError):
    """The server or the way to it failed. The text is the end of a sentence."""


def archive_address(handle: str) -> str:
    """The address that answers with `handle` as one compressed archive."""
    parts = urlsplit(handle)
    if PurePosixPath(parts.path).name.endswith(SUFFIXES) or "tf-hub-format=" in parts.query:
        return handle
    query = f"{parts.query}&" if parts.query else ""
    return parts._replace(query=f"{query}tf-hub-format=compressed").geturl()


def redirected(address: str, location: str) -> str:
    """Where a redirect from `address` to `location` leads.

    Raises DownloadError for anything but http(s), and for https to http: that would hand the rest
    of the way to whoever listens, whatever the setting for plain http says.
    """
    try:
        target = urljoin(address, location)
        scheme = urlsplit(target).scheme
    except ValueError as error:
        raise DownloadError(f"redirects to {location!r}: correct hub.handle") from error
    if scheme not in ("http", "https"):
        raise DownloadError(
            f"redirects to {scheme}:, which is not followed: set hub.handle to https"
        )
    if scheme == "http" and urlsplit(address).scheme == "https":
        raise DownloadError(
            "redirects from https to plain http, which anyone on the way can alter: "
            "set hub.handle to an address that stays with https"
        )
    return target


def download(address: str, target: Path, *, max_bytes: int, timeout: float) -> None:
    """Write the body of `address` to `target`, at most `max_bytes`.

    `timeout` is in seconds, for connecting and for each wait for bytes. Environment proxies, CA
    bundles and the credentials in ~/.netrc are used. Raises DownloadError.
    """
    # Late, because most runs use a module that is already on this machine.
    import requests
    from urllib3.exceptions import HTTPError

    try:
        with requests.Session() as session, _open(session, address, timeout) as response:
            _save(response, target, max_bytes)
    except (requests.RequestException, HTTPError) as error:
        raise DownloadError(
            f"cannot be downloaded ({_root_cause(error)}): check the network, its proxy and "
            "certificates, or set hub.handle to a copy on this machine"
        ) from error


def _open(session: requests.Session, address: str, timeout: float) -> requests.Response:
    for _ in range(MAX_REDIRECTS + 1):
        response = session.get(
            address,
            # The bytes as stored: the digest is of the archive, not of a transfer encoding.
            headers={"Accept-Encoding": "identity"},
            allow_redirects=False,
            stream=True,
            timeout=timeout,
        )
        if not response.is_redirect:
            break
        response.close()
        address = redirected(address, response.headers["Location"])
    else:
        raise DownloadError(
            f"redirects more than {MAX_REDIRECTS} times: set hub.handle to where it ends"
        )
    if response.status_code in (401, 403):
        raise DownloadError(
            f"is refused by {urlsplit(address).hostname} ({response.status_code}): "
            "check the address, or put credentials for that host into ~/.netrc"
        )
    if response.status_code != 200:
        raise DownloadError(
            f"is not there ({urlsplit(address).hostname} answered {response.status_code} "
            f"{response.reason}): correct hub.handle"
        )
    return response


def _save(response: requests.Response, target: Path, max_bytes: int) -> None:
    response.raw.enforce_content_length = True  # urllib3 1 takes a cut-off body for a whole one
    total = response.raw.length_remaining or 0
    received, started, reported = 0, time.monotonic(), 0.0
    with target.open("wb") as file:
        while chunk := response.raw.read(_CHUNK_BYTES, decode_content=False):
            received += len(chunk)
            if max(received, total) > max_bytes:
                raise DownloadError(
                    f"is larger than {max_bytes / 1e6:g} MB: "
                    "if that is meant, raise hub.max_megabytes"
                )
            file.write(chunk)
            now = time.monotonic()
            if received > _PROGRESS_BYTES and now - reported > _PROGRESS_SECONDS:
                reported = now
                _report(response, received, total, now - started)


def _report(response: requests.Response, received: int, total: int, seconds: float) -> None:
    extra: dict[str, float] = {"step": received}
    if total:
        extra |= {"total": total, "eta": seconds * (total - received) / received}
    progress.info(
        "downloading the Hub module from %s: %.1f MB%s",
        urlsplit(response.url).hostname,
        received / 1e6,
        f" of {total / 1e6:.1f}" if total else "",
        extra=extra,
    )


def _root_cause(error: BaseException) -> str:
    """The innermost failure of the network: requests and urllib3 wrap it three deep."""
    found, inner = error, error.__cause__ or error.__context__
    while inner:
        if isinstance(inner, (OSError, HTTPException)):
            found = inner
        inner = inner.__cause__ or inner.__context__
    return getattr(found, "strerror", None) or str(found)
