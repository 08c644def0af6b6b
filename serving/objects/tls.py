"""Why no client talks to a store that it cannot be sure of, in words that say what mends it.

Every client wraps what OpenSSL says in errors of its own, most of which do not know more.
"""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from documents.shown import shown
from serving.objects.store import StoreError, TransientError

_TIMES: Mapping[int, str] = {
    9: "is not valid yet",
    10: "has expired",
}
"""By X509_V_ERR_… of openssl/x509_vfy.h.in."""
_NAMES = (62, 64)
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST")


def check_authorities(variable: str, path: str | None, *, folders: bool) -> None:
    """Whether the certificates of authorities can be read that a client is told to trust.

    Args:
      variable: which says so.
      path: where they are; None where nothing says so.
      folders: whether the client takes folders, too, as `openssl rehash` makes them.

    Raises:
      StoreError: they cannot.
    """
    if not path or (folders and os.path.isdir(path)):
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        # Of a file that holds something else OpenSSL speaks in numbers of lines of its own.
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise StoreError(
            errno.EINVAL,
            f"{variable} = {shown(path)} names no certificates of authorities to trust ({why}); "
            "correct or unset it",
        ) from error


def refusal(error: BaseException, variable: str) -> StoreError | None:
    """What a failed greeting means; None where another attempt may do.

    Args:
      error: what a client raised.
      variable: by which it is told whom to trust.
    """
    met = list(links(error))
    host = next(filter(None, map(_host, met)), "the store")
    for link in met:
        if isinstance(link, ssl.SSLCertVerificationError) or _speaks_of_names(link):
            return StoreError(errno.EACCES, _of_certificate(host, link, variable))
        if isinstance(link, ssl.SSLError) and link.reason in _NO_TLS:
            return StoreError(
                errno.EPROTO, f"{host} is asked by https:// and speaks no TLS; write http://"
            )
    return None


def unreached(error: BaseException) -> TransientError:
    """What a connection that failed, or broke, is called, with the machine where it is known, and
    with what this one says of it: it may be the name that is wrong."""
    met = list(links(error))
    host = next(filter(None, map(_host, met)), "")
    why = next(filter(None, map(_of_system, reversed(met))), "")
    said = f"{type(error).__name__}{host and f' of {host}'}{why and f' ({why})'}"
    return TransientError(errno.EAGAIN, said)


def _of_certificate(host: str, error: BaseException, variable: str) -> str:
    code = int(getattr(error, "verify_code", 0))
    if code in _TIMES:
        return (
            f"the certificate of {host} {_TIMES[code]}; have it renewed, or set the clock of this "
            "machine right"
        )
    if code in _NAMES or _speaks_of_names(error):
        return f"the certificate of {host} is that of another machine; correct the address"
    why = getattr(error, "verify_message", "") or "nothing is said why"
    return (
        f"the certificate of {host} is not trusted ({why}); name a file with that of its authority "
        f"in {variable}"
    )


def _of_system(error: BaseException) -> str:
    """The words of the operating system; empty of what a library says."""
    own = isinstance(error, OSError) and type(error).__module__ in ("builtins", "socket")
    return (own and getattr(error, "strerror", None)) or ""


def _speaks_of_names(error: BaseException) -> bool:
    """Of urllib3 1, which compares names by itself."""
    return type(error).__name__ == "CertificateError"


def _host(error: BaseException) -> str:
    request = getattr(error, "request", None)
    asked = getattr(error, "kwargs", None)
    url = getattr(request, "url", None) or (isinstance(asked, dict) and asked.get("endpoint_url"))
    return shown(urlsplit(url).netloc) if isinstance(url, str) else ""


def links(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that it was made of."""
    met: set[int] = set()
    while error is not None and id(error) not in met:
        met.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
