"""What an answer that is none means, and what mends it. Pure."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from documents.settings.section import short
from pipeline.kubeflow.remote.error import RemoteError

PORT_FORWARD = (
    "forward it with `kubectl port-forward --namespace kubeflow svc/ml-pipeline 8888` and name it "
    "with --host http://localhost:8888"
)
LOGIN = (
    "give a token (--token-file FILE, --existing-token @FILE), a session cookie of Dex (--cookies "
    "@FILE) or, behind Google's IAP, --iap-client-id"
)
_LOGIN_PAGE = re.compile(
    r"/dex/|/oauth2?/|/login|/signin|accounts\.google\.com|/authservice/", re.I
)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    host: str
    """As the user named it."""
    status: int
    headers: Mapping[str, str]
    text: str
    logged_in: bool = False
    """Whether the request carried a token or cookie."""

    @property
    def document(self) -> Any:
        """The JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


def problem(answer: Answer) -> RemoteError | None:
    """Why the answer is not the JSON object that was asked for; None where it is."""
    if 300 <= answer.status < 400:
        return _redirected(answer)
    if answer.status == 401:
        return _unknown_user(answer)
    if answer.status == 403:
        return _error(
            answer,
            f"forbids this (403): {_said(answer)}; ask for access to the namespace, or {LOGIN}",
        )
    if answer.status == 404 and not isinstance(answer.document, dict):
        # Without its status: what an API does not know is another matter.
        return RemoteError(
            f"{answer.host} has no API of Kubeflow Pipelines (404); --host is what stands before "
            f"/apis/v2beta1, e.g. https://kubeflow.example.com/pipeline, or {PORT_FORWARD}."
        )
    if answer.status in (408, 429) or answer.status >= 500:
        what = f"answered {answer.status}: {_said(answer)}; try again, or look at the pods of it"
        return _error(answer, what, passing=True)
    if answer.status >= 400:
        return _error(answer, f"answered {answer.status}: {_said(answer)}")
    if isinstance(answer.document, dict):
        return None
    if _is_page(answer):
        return _error(
            answer,
            "answered with a web page instead of the API: a login page, or the wrong address; "
            f"{LOGIN}, or name the API with --host, e.g. https://kubeflow.example.com/pipeline",
        )
    return _error(
        answer,
        f"answered what is no JSON object: {short(repr(answer.text[:80]), 80)}; look whether "
        "--host is the API",
    )


_ENDINGS = {
    "BadStatusLine": "what answers there does not speak HTTP",
    "Connection aborted": "the connection was cut before an answer",
    "Connection broken": "the connection was cut in the middle of an answer",
}
"""What a library's word for the end of a connection means."""


def unreachable(host: str, error: requests.RequestException) -> RemoteError:
    """Why there was no answer at all."""
    said = " ".join(str(error).split())
    if isinstance(error, requests.exceptions.SSLError) or "CERTIFICATE" in said:
        return RemoteError(
            f"{host} cannot be trusted: {_tls(said)}; name the authority that signed its "
            "certificate with --ssl-ca-cert FILE, or take any with --skip-tls-verify."
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return RemoteError(
            f"The proxy on the way to {host} refuses: {short(said, 120)}; look at HTTPS_PROXY and "
            "NO_PROXY.",
            passing=True,
        )
    if isinstance(
        error,
        (
            requests.exceptions.MissingSchema,
            requests.exceptions.InvalidSchema,
            requests.exceptions.InvalidURL,
        ),
    ):
        return RemoteError(f"--host {short(host)} is no address; it reads http(s)://NAME[:PORT].")
    if isinstance(error, requests.exceptions.Timeout):
        return RemoteError(
            f"{host} does not answer in time; {PORT_FORWARD}, or wait longer with "
            "--request-timeout.",
            passing=True,
        )
    why = re.search(r"\[Errno -?\d+\] ([^'\")]+)", said)
    known = (meaning for word, meaning in _ENDINGS.items() if word in said)
    reason = why[1] if why else next(known, short(said, 160))
    return RemoteError(
        f"Cannot reach Kubeflow Pipelines at {host}: {reason}; {PORT_FORWARD}.", passing=True
    )


def _redirected(answer: Answer) -> RemoteError:
    target = answer.headers.get("Location") or answer.headers.get("location") or ""
    if _LOGIN_PAGE.search(target):
        given = "the session has ended: " if answer.logged_in else ""
        return _error(answer, f"sends to a login page ({short(target, 80)}); {given}{LOGIN}")
    split = urlsplit(target)
    if split.scheme and split.netloc:
        return _error(answer, f"moved; name --host {short(f'{split.scheme}://{split.netloc}', 80)}")
    return _error(answer, f"redirects to {short(target, 80)}; name the API itself with --host")


def _unknown_user(answer: Answer) -> RemoteError:
    if answer.logged_in:
        return _error(
            answer,
            "refuses the given login (401): it may have expired, or be meant for another audience; "
            "get a new one",
        )
    return _error(answer, f"wants a login (401); {LOGIN}")


def _error(answer: Answer, what: str, *, passing: bool = False) -> RemoteError:
    return RemoteError(f"{answer.host} {what.rstrip('.')}.", status=answer.status, passing=passing)


def _said(answer: Answer) -> str:
    """The server's own reason, without the stack of the calls that led to it."""
    document = answer.document
    if isinstance(document, dict):
        error = document.get("error")
        nested = error.get("message") if isinstance(error, dict) else error
        text = document.get("message") or nested or document.get("error_message") or ""
    elif _is_page(answer):
        found = re.search(r"<title>(.*?)</title>", answer.text, re.I | re.S)
        text = found[1] if found else "a web page"
    else:
        text = answer.text
    return short(" ".join(str(text).split()), 300).rstrip(".") or "no reason given"


def _is_page(answer: Answer) -> bool:
    kind = next((v for k, v in answer.headers.items() if k.lower() == "content-type"), "")
    return "html" in kind or answer.text.lstrip()[:9].lower().startswith(("<!doctype", "<html"))


def _tls(said: str) -> str:
    for sign, reason in (
        ("hostname mismatch", "its certificate is another host's"),
        ("doesn't match", "its certificate is another host's"),
        ("self-signed", "its certificate is signed by itself"),
        ("self signed", "its certificate is signed by itself"),
        ("expired", "its certificate has expired"),
        ("unable to get local issuer", "its certificate is signed by nobody known here"),
        ("WRONG_VERSION_NUMBER", "it does not speak TLS, so --host may begin with http://"),
    ):
        if sign in said:
            return reason
    told = re.search(r"\[SSL: (\w+)\]", said)
    return f"the TLS handshake fails{f' ({told[1]})' if told else ''}"
