"""Google Cloud Storage.

Conditions are generations (https://cloud.google.com/storage/docs/request-preconditions). The
client's own repetitions are switched off: `patience` repeats, for every store alike.
"""

from __future__ import annotations

import contextlib
import errno
import os
import warnings
from collections.abc import Iterator
from typing import IO, Any

from serving.objects.refusals import google_login, google_words, mend
from serving.objects.store import (
    ABSENT,
    ANSWER_SECONDS,
    ANY,
    CONNECT_SECONDS,
    LARGEST_REQUEST,
    PAGE,
    UNREADABLE,
    Found,
    StoreError,
    TransientError,
    failure,
    led_elsewhere,
    no_bucket,
    unreadable,
)
from serving.objects.tls import check_authorities, refusal, unreached

_ENDPOINT = "STORAGE_EMULATOR_HOST"
_AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The first that says something holds for the client, and the second for TensorFlow."""
_CALL: dict[str, Any] = {"retry": None, "timeout": (CONNECT_SECONDS, ANSWER_SECONDS)}


class GoogleStore:
    """A bucket of gs://. STORAGE_EMULATOR_HOST names another server, as for every client of it."""

    def __init__(self, bucket: str) -> None:
        """Sends nothing yet.

        Raises:
          StoreError: there are no credentials, or no certificates where they should be.
        """
        check_authorities(_authorities(), os.environ.get(_authorities()), folders=True)
        with _quiet():
            from google.auth.exceptions import DefaultCredentialsError
            from google.cloud import storage  # type: ignore[attr-defined]

            try:
                self._client = storage.Client(project=None)
            except DefaultCredentialsError as error:
                raise _no_credentials(error) from error
        self._name = bucket
        self._bucket = self._client.bucket(bucket)

    def names(self, prefix: str) -> list[str]:
        with self._translated(of_bucket=True):
            pages = self._list(prefix, delimiter="/")
            keys = [blob.name for blob in pages]
            # Filled while the pages are read.
            keys += sorted(pages.prefixes)
        return [key[len(prefix) :].rstrip("/") for key in keys]

    def objects(self, prefix: str) -> list[Found]:
        with self._translated(of_bucket=True):
            return [_found(blob) for blob in self._list(prefix)]

    def find(self, key: str) -> Found:
        with self._translated():
            blob = self._bucket.get_blob(key, **_CALL)
            if blob is None:
                raise failure(404, "", self._name)
            return _found(blob)

    def read(self, found: Found, start: int, size: int) -> bytes:
        size = min(size, found.size - start)
        if size <= 0:
            return b""
        with self._translated():
            blob = self._bucket.blob(found.key, generation=int(found.tag))
            content = bytes(
                blob.download_as_bytes(
                    # What is stored, also where it is stored compressed.
                    start=start,
                    end=start + size - 1,
                    raw_download=True,
                    checksum=None,
                    **_CALL,
                )
            )
        if len(content) != size:
            raise TransientError(errno.EAGAIN, f"the connection was cut at byte {len(content)}")
        return content

    def put(self, key: str, content: IO[bytes], size: int, condition: str | None) -> str:
        match = {ANY: None, ABSENT: 0}.get(condition, int(condition or 0))
        # Longer ones are sent in pieces, and begin to be when the last piece has arrived.
        blob = self._bucket.blob(key, chunk_size=LARGEST_REQUEST)
        with self._translated(of_bucket=True):
            blob.upload_from_file(
                content, size=size, if_generation_match=match, checksum="crc32c", **_CALL
            )
            return str(int(blob.generation))

    def copy(self, key: str, target: str) -> None:
        with self._translated():
            copied, token = self._bucket.blob(target), None
            while True:
                token, _, _ = copied.rewrite(self._bucket.blob(key), token=token, **_CALL)
                if token is None:
                    return

    def remove(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError), self._translated():
            self._bucket.blob(key).delete(**_CALL)

    def _list(self, prefix: str, **options: str) -> Any:
        return self._client.list_blobs(
            self._name, prefix=prefix, page_size=PAGE, **options, **_CALL
        )

    @contextlib.contextmanager
    def _translated(self, of_bucket: bool = False) -> Iterator[None]:
        """Errors of this project; `of_bucket` where nothing else can be what is not found."""
        import google.auth.exceptions
        import requests
        import urllib3
        from google.api_core.exceptions import GoogleAPICallError
        from google.resumable_media import DataCorruption, InvalidResponse

        try:
            with _quiet():
                yield
        except GoogleAPICallError as error:
            status = int(error.code or 500)
            if status == 404 and of_bucket:
                raise no_bucket(self._name, _endpoint()) from error
            raise self._refused(status, error) from error
        except InvalidResponse as error:
            raise self._refused(error.response.status_code, error) from error
        except requests.TooManyRedirects as error:
            raise led_elsewhere(_ENDPOINT) from error
        except requests.JSONDecodeError as error:
            raise unreadable(error) from error
        except (
            DataCorruption,
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            google.auth.exceptions.TransportError,
        ) as error:
            if refused := refusal(error, _authorities()):
                raise refused from error
            raise unreached(error) from error
        except google.auth.exceptions.GoogleAuthError as error:  # some are ValueErrors, too
            raise _no_credentials(error) from error
        except UNREADABLE as error:
            raise unreadable(error) from error

    def _refused(self, status: int, error: Any) -> OSError:
        # What the client makes of it ends, for uploads, in words of its own.
        words, reason = google_words(getattr(getattr(error, "response", None), "text", None))
        return failure(status, words, self._name, mend(reason))


def _found(blob: Any) -> Found:
    return Found(
        blob.name,
        int(blob.size),
        blob.updated.timestamp(),
        str(int(blob.generation)),
        blob.crc32c,
    )


def _endpoint() -> str | None:
    """The variable that names another server, where it does."""
    return _ENDPOINT if os.environ.get(_ENDPOINT) else None


def _authorities() -> str:
    """The variable that says whose certificates are trusted, or may say it."""
    return next(filter(os.environ.get, _AUTHORITIES), _AUTHORITIES[-1])


def _no_credentials(error: BaseException) -> StoreError:
    return StoreError(errno.EACCES, google_login(error))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the client says of its own future is nothing to who asked about a base path."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
