"""Files of Python packages, from the index that pip is told to use: nothing of them is run.

pip itself runs the set-up code of a source archive even to download it, so it is only asked where
to look. The index is read as PEP 503 and PEP 691 have it.
"""

from __future__ import annotations

import base64
import html.parser
import json
import re
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from pipeline.files.download import TIMEOUT_SECONDS, DownloadError, fetch_url

DEFAULT = "https://pypi.org/simple"
_JSON = "application/vnd.pypi.simple.v1+json"
_LARGEST_PAGE = 64 << 20
_PIP_SECONDS = 60


def fetch_file(project: str, name: str, target: Path, *, max_bytes: int) -> None:
    """Downloads the file `name` of a project, such as `vaderSentiment-3.3.2.tar.gz`.

    Raises:
      DownloadError: the index cannot be asked, or has no such file.
    """
    index, certificates = _told_to_pip()
    page = f"{index.rstrip('/')}/{re.sub(r'[-_.]+', '-', project).lower()}/"
    context = _context(certificates)
    address = _listed(page, context).get(name)
    if address is None:
        raise DownloadError(f"the package index has no {name} at {_shown(page)}")
    host, user = _host_and_user(page)
    if user and _host_and_user(address) == (host, None):
        address = address.replace(f"//{host}", f"//{user}@{host}", 1)
    fetch_url(_request(address), target, max_bytes=max_bytes, context=context)


def _host_and_user(address: str) -> tuple[str, str | None]:
    user, _, host = urllib.parse.urlsplit(address).netloc.rpartition("@")
    return host, user or None


def _listed(page: str, context: ssl.SSLContext | None) -> dict[str, str]:
    """Addresses by file name."""
    request = _request(page)
    request.add_header("Accept", f"{_JSON}, text/html;q=0.1")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=context) as response:
            content = response.read(_LARGEST_PAGE)
            base = response.url
            is_json = response.headers.get_content_type() == _JSON
        if is_json:
            found = {file["filename"]: file["url"] for file in json.loads(content)["files"]}
        else:
            links = _Links()
            links.feed(content.decode("utf-8", "replace"))
            found = links.found
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DownloadError(
            f"the package index cannot be asked at {_shown(page)} ({error}); pip is told another"
            " one by PIP_INDEX_URL"
        ) from error
    return {name: urllib.parse.urljoin(base, address) for name, address in found.items()}


class _Links(html.parser.HTMLParser):
    """The links of a page, by the name of the file they lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href")
        if tag == "a" and address:
            path = urllib.parse.urlsplit(address).path
            self.found[urllib.parse.unquote(path.rsplit("/", 1)[-1])] = address


def _told_to_pip() -> tuple[str, str | None]:
    """Address of the index and file of certificates, in whatever way pip was told."""
    told: dict[str, str] = {}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PIP_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return DEFAULT, None
    # A later source wins in pip: the environment, the command's section, then [global].
    for section in ("global", "install", "download", ":env:"):
        for line in done.stdout.splitlines():
            key, separator, value = line.partition("=")
            if separator and key.startswith(f"{section}."):
                told[key.removeprefix(f"{section}.")] = value.strip("'\"")
    return told.get("index-url") or DEFAULT, told.get("cert")


def _context(certificates: str | None) -> ssl.SSLContext | None:
    if not certificates:
        return None
    try:
        return ssl.create_default_context(cafile=certificates)
    except OSError as error:
        raise DownloadError(f"the certificates of pip, {certificates}, cannot be read") from error


def _request(address: str) -> urllib.request.Request:
    """A name and a password stand in the address for pip, and in a header for a server."""
    parts = urllib.parse.urlsplit(address)
    request = urllib.request.Request(
        parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    )
    if parts.username:
        name, word = (urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
        told = base64.b64encode(f"{name}:{word}".encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {told}")
    return request


def _shown(address: str) -> str:
    """Without name and password."""
    parts = urllib.parse.urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
