"""What mends a request that an object store refuses, by the code that it gives as the reason. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://cloud.google.com/storage/docs/json_api/v1/status-codes
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_REGION = "set AWS_DEFAULT_REGION to that of the bucket"
_RENEW = "make new credentials, e.g. with `aws sso login`"
_ROOM = "make room there"
_CLOCK = "set the clock of this machine right"
_MENDS: Mapping[str, str] = {
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "PermanentRedirect": _REGION,
    "TemporaryRedirect": _REGION,
    "ExpiredToken": _RENEW,
    "RequestExpired": _RENEW,
    "TokenRefreshRequired": _RENEW,
    "InvalidToken": "correct or unset AWS_SESSION_TOKEN",
    "InvalidAccessKeyId": "correct AWS_ACCESS_KEY_ID, or choose another AWS_PROFILE",
    "SignatureDoesNotMatch": "correct AWS_SECRET_ACCESS_KEY",
    "RequestTimeTooSkewed": _CLOCK,
    "QuotaExceeded": _ROOM,
    "XMinioStorageFull": _ROOM,
    # Google's
    "accountDisabled": "see to the billing account of the project",
    "userProjectMissing": "choose a bucket whose owner pays for requests",
}
_SKEWED = "timeframe"
"""In what Google says of a token from the past or the future, which has no code of its own."""


def mend(code: object) -> str | None:
    """The end of a sentence; None where the status of the answer has to do."""
    return _MENDS.get(str(code))


def google_words(content: str | None) -> tuple[str, str]:
    """The message of an answer of Google's, and its reason; empty where it is none of theirs."""
    try:
        said = json.loads(content or "")["error"]
        errors = said.get("errors") or [{}]
        return str(said.get("message") or ""), str(errors[0].get("reason") or "")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return "", ""


def google_login(error: BaseException) -> str:
    """What mends credentials of Google's that were refused, with what was said of them."""
    arguments: Sequence[Any] = error.args
    said = str(arguments[0]) if arguments else ""
    if _SKEWED in said:
        return f"Google refuses the credentials ({_shortened(said)}); {_CLOCK}"
    why = f" ({_shortened(said)})" if said.startswith("invalid_") else ""
    return (
        f"no credentials for gs:// are found, or they have run out{why}; make some with `gcloud "
        "auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS"
    )


def _shortened(text: str) -> str:
    return " ".join(text.split())[:200].rstrip(".")
