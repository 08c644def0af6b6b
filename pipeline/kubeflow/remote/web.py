"""One server's API over HTTP: JSON in and out, bounded in time and size, with sentences for errors.

Redirects are not followed: an API has none, and a login page would take the token with it.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from documents.settings.section import short
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.login import Login, iap_token
from pipeline.kubeflow.remote.refusal import Answer, problem, unreachable

LARGEST = 64 * 1024 * 1024
"""Bytes of one answer; runs of our size are below one million."""
HERE = ("localhost", "127.0.0.1", "::1")
TRIES = 3
"""Of a request that changes nothing."""
PAUSE_SECONDS = 0.5
"""Before its second try; twice as long before the third."""
Result = TypeVar("Result")


class Web:
    """Requests to one host, which a login goes along with."""

    def __init__(
        self,
        host: str,
        login: Login,
        *,
        verify: bool | str = True,
        timeout: float = 60.0,
    ):
        """Args:
        host: e.g. http://localhost:8888, without a slash at its end.
        verify: the host's certificate, against the file of this name or what the system trusts.
        timeout: seconds that the host may be silent.
        """
        self.host = host
        self._login = login
        self._iap_token: str | None = None
        self._iap_token_served = False
        self._timeout = timeout
        self._session = requests.Session()
        # Else a .netrc in the home folder would replace the token.
        self._session.auth = lambda request: request
        self._verify = verify
        # As kfp's client does; a proxy does not reach a forwarded port.
        here = urlsplit(host).hostname in HERE
        self._proxies = {"http": "", "https": ""} if here else None

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._again(lambda: self._json("GET", path, query=query))

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        return self._json("POST", path, body=body)

    def delete(self, path: str) -> dict[str, Any]:
        return self._json("DELETE", path)

    def lines(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[str]:
        """The lines of a text, as they come."""
        try:
            with self._ask("GET", path, query=query, stream=True) as response:
                if response.status_code != 200 or "html" in response.headers.get(
                    "Content-Type", ""
                ):
                    answer = self._answer(response)
                    raise problem(answer) or RemoteError(f"{self.host} has no such text.")
                yield from _bounded_lines(response)
        except requests.RequestException as error:
            raise unreachable(self.host, error) from error

    def _json(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> dict[str, Any]:
        try:
            with self._ask(method, path, query=query, body=body, stream=True) as response:
                answer = self._answer(response)
        except requests.RequestException as error:
            found = unreachable(self.host, error)
            if method != "GET" and isinstance(error, requests.exceptions.ReadTimeout):
                raise _unknown(found) from error
            raise found from error
        if answer.status == 401 and self._login.renewable and self._iap_token_served:
            # It was good before, and is for an hour only.
            self._iap_token, self._iap_token_served = None, False
            return self._json(method, path, query, body)
        self._iap_token_served = answer.status < 400
        refused = problem(answer)
        if refused:
            raise _unknown(refused) if method != "GET" and refused.passing else refused
        document: dict[str, Any] = answer.document
        return document

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        stream: bool,
    ) -> requests.Response:
        if self._login.renewable and self._iap_token is None:
            assert self._login.iap
            self._iap_token = iap_token(self._login.iap)
        request = functools.partial(self._request, method, path, query, body, stream)
        try:
            return request()
        except requests.exceptions.ConnectionError as error:
            # A server or proxy may have closed the kept connection since the last answer; what
            # changes nothing is asked on a new one.
            if method != "GET" or "Connection aborted" not in str(error):
                raise
            return request()

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        stream: bool,
    ) -> requests.Response:
        return self._session.request(
            method,
            self.host + path,
            params={key: value for key, value in (query or {}).items() if value not in (None, "")},
            json=body,
            headers={"Accept": "application/json", **self._login.headers(self._iap_token)},
            timeout=(min(self._timeout, 10.0), self._timeout),
            # Given with each request, or REQUESTS_CA_BUNDLE would win.
            verify=self._verify,
            proxies=self._proxies,
            allow_redirects=False,
            stream=stream,
        )

    def _answer(self, response: requests.Response) -> Answer:
        content = bytearray()
        for piece in response.iter_content(1 << 16):
            content += piece
            if len(content) > LARGEST:
                raise RemoteError(
                    f"{self.host} answers more than {LARGEST >> 20} MB; is it the API?"
                )
        text = content.decode("utf-8", "replace")
        # The gateway answers some requests with nothing at all where it means an empty object.
        if response.status_code == 200 and not text.strip():
            text = "{}"
        return Answer(
            self.host, response.status_code, response.headers, text, logged_in=self._login.given
        )

    def _again(self, ask: Callable[[], Result]) -> Result:
        for left in reversed(range(TRIES)):
            try:
                return ask()
            except RemoteError as error:
                if not left or not error.passing or error.status is None:
                    raise
            time.sleep(PAUSE_SECONDS * (TRIES - left))
        raise AssertionError("unreachable")


def _unknown(error: RemoteError) -> RemoteError:
    return RemoteError(
        f"{error} It may have been done all the same: look before you try again.",
        status=error.status,
    )


def checked_host(text: str) -> str:
    """The address without what people copy along with it from a browser.

    Raises:
      RemoteError: it is no address.
    """
    host = text.strip().partition("#")[0]
    if host and "://" not in host:
        host = f"https://{host}"  # As kfp's client takes it.
    scheme, _, rest = host.rstrip("/").partition("://")
    if scheme not in ("http", "https") or not rest or any(sign in rest for sign in " \\@?"):
        raise RemoteError(f"--host {short(text)} is no address; it reads http(s)://NAME[:PORT].")
    return host.partition("/apis/")[0].rstrip("/")


def _bounded_lines(response: requests.Response) -> Iterator[str]:
    rest, size = b"", 0
    for piece in response.iter_content(1 << 14):
        size += len(piece)
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")
        if size > LARGEST or len(rest) > 1 << 20:
            yield f"… and more than {LARGEST >> 20} MB, which are left out"
            return
    if rest:
        yield rest.decode("utf-8", "replace")
