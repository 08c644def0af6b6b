"""Amazon S3, and the stores that speak its protocol.

Conditions are ETags (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
The client's own repetitions are switched off: `patience` repeats, for every store alike.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from typing import IO, Any

from serving.objects.refusals import mend
from serving.objects.store import (
    ABSENT,
    ANSWER_SECONDS,
    ANY,
    CONNECT_SECONDS,
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
from serving.objects.tls import check_authorities, links, refusal, unreached

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_AUTHORITIES = "AWS_CA_BUNDLE"
_SINGLE_PUT = 5 << 30
"""Bytes that S3 takes in one request."""


class S3Store:
    """A bucket of s3://. AWS_ENDPOINT_URL names another server, as for every client of it."""

    def __init__(self, bucket: str) -> None:
        """Sends nothing yet.

        Raises:
          StoreError: boto3 is not installed, what configures it is damaged, or there are no
            certificates where they should be.
        """
        try:
            import boto3
            import botocore.config
            import botocore.exceptions
        except ImportError as error:
            raise StoreError(
                errno.EPROTONOSUPPORT,
                "s3:// needs boto3; `pip install boto3` installs it",
            ) from error
        config = botocore.config.Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": 1},
            # Stores other than Amazon's have no name in the DNS for each bucket, and do not all
            # know checksums behind the content; what is written is read back anyhow.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"} if _endpoint() else None,
        )
        try:
            session = boto3.session.Session()
            bundle = session._session.get_config_variable("ca_bundle")
            check_authorities(_AUTHORITIES, bundle, folders=False)
            self._client = session.client("s3", config=config)
        except botocore.exceptions.BotoCoreError as error:
            raise StoreError(errno.EINVAL, f"boto3 cannot be set up: {error}") from error
        except ValueError as error:  # an endpoint that is no address
            raise StoreError(errno.EINVAL, str(error).rstrip(".")) from error
        # botocore waits for ever for the end of a "100 Continue" that is cut (awsrequest.py).
        self._client.meta.events.register_last("before-call.s3", _without_expect)
        self._name = bucket

    def names(self, prefix: str) -> list[str]:
        keys = []
        with self._translated(of_bucket=True):
            for page in self._pages(prefix, Delimiter="/"):
                keys += [entry["Key"] for entry in _listed(page)]
                keys += [entry["Prefix"] for entry in page.get("CommonPrefixes", ())]
        return [key[len(prefix) :].rstrip("/") for key in keys]

    def objects(self, prefix: str) -> list[Found]:
        with self._translated(of_bucket=True):
            return [_found(entry) for page in self._pages(prefix) for entry in _listed(page)]

    def find(self, key: str) -> Found:
        # The shortest key that begins so comes first. HEAD would tell the size in a header alone,
        # and half of that is a size, too.
        with self._translated(of_bucket=True):
            found = self._client.list_objects_v2(Bucket=self._name, Prefix=key, MaxKeys=1)
            for entry in _listed(found):
                if entry["Key"] == key:
                    return _found(entry)
        raise failure(404, "", self._name)

    def read(self, found: Found, start: int, size: int) -> bytes:
        size = min(size, found.size - start)
        if size <= 0:
            return b""
        try:
            with self._translated():
                answer = self._client.get_object(
                    Bucket=self._name,
                    Key=found.key,
                    Range=f"bytes={start}-{start + size - 1}",
                    IfMatch=found.tag,
                )
                content = bytes(answer["Body"].read())
        except StoreError as error:
            if error.errno == errno.EBUSY:
                raise failure(404, "", self._name) from error
            raise
        if len(content) != size:
            raise TransientError(errno.EAGAIN, f"the connection was cut at byte {len(content)}")
        return content

    def put(self, key: str, content: IO[bytes], size: int, condition: str | None) -> str:
        if size > _SINGLE_PUT and condition is ANY:
            # In parts; the object is there when the last one is.
            with self._translated(of_bucket=True):
                self._client.upload_fileobj(_Unclosed(content), self._name, key)
            return self.find(key).tag
        match = {}
        if condition is not ANY:
            match = {"IfNoneMatch": "*"} if condition == ABSENT else {"IfMatch": condition}
        try:
            with self._translated(of_bucket="IfMatch" not in match):
                answer = self._client.put_object(
                    Bucket=self._name, Key=key, Body=content, ContentLength=size, **match
                )
                return _whole(answer["ETag"])
        except FileNotFoundError as error:  # what has to lie there
            raise failure(412, "", self._name) from error

    def copy(self, key: str, target: str) -> None:
        source = {"Bucket": self._name, "Key": key}
        with self._translated():
            if self.find(key).size > _SINGLE_PUT:
                self._client.copy(source, self._name, target)
            else:
                self._client.copy_object(Bucket=self._name, Key=target, CopySource=source)

    def remove(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError), self._translated():
            self._client.delete_object(Bucket=self._name, Key=key)

    def _pages(self, prefix: str, **options: str) -> Iterator[Any]:
        pages = self._client.get_paginator("list_objects_v2")
        size = {"PageSize": PAGE}
        return iter(
            pages.paginate(Bucket=self._name, Prefix=prefix, PaginationConfig=size, **options)
        )

    @contextlib.contextmanager
    def _translated(self, of_bucket: bool = False) -> Iterator[None]:
        """Errors of this project; `of_bucket` where nothing else can be what is not found."""
        import boto3.exceptions
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            ConnectionError,
            HTTPClientError,
            IncompleteReadError,
            NoCredentialsError,
            PartialCredentialsError,
        )
        from botocore.parsers import ResponseParserError

        try:
            yield
        except ClientError as error:
            said = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
            if said.get("Code") == "NoSuchBucket" or (of_bucket and int(status) == 404):
                raise no_bucket(self._name, _endpoint()) from error
            if str(status) == said.get("Code") and 300 <= int(status) < 400:
                raise led_elsewhere(_endpoint() or _ENDPOINTS[-1]) from error
            words = f"{said.get('Code')}: {said.get('Message')}"
            raise failure(int(status), words, self._name, mend(said.get("Code"))) from error
        except RecursionError as error:
            raise led_elsewhere(_endpoint() or _ENDPOINTS[-1]) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise StoreError(
                errno.EACCES,
                "no credentials for s3:// are found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY",
            ) from error
        except (
            ConnectionError,
            HTTPClientError,
            IncompleteReadError,
            ResponseParserError,
            boto3.exceptions.Boto3Error,
        ) as error:
            if refused := refusal(error, _AUTHORITIES):
                raise refused from error
            # botocore asks for the region of the bucket, is led elsewhere again, and asks again;
            # recent ones wrap what that ends in.
            if any(isinstance(link, RecursionError) for link in links(error)):
                raise led_elsewhere(_endpoint() or _ENDPOINTS[-1]) from error
            raise unreached(error) from error
        except UNREADABLE as error:
            raise unreadable(error) from error
        except BotoCoreError as error:
            raise StoreError(errno.EIO, f"boto3 says: {error}".rstrip(".")) from error


def _endpoint() -> str | None:
    """The variable that names the address of the store, where one does."""
    return next(filter(os.environ.get, _ENDPOINTS), None)


def _without_expect(params: dict[str, Any], **_: Any) -> None:
    params["headers"].pop("Expect", None)


def _listed(page: Any) -> Sequence[Any]:
    page["IsTruncated"]  # Every page says it, and half an answer may read as an empty page.
    return list(page.get("Contents", ()))


def _found(entry: Any) -> Found:
    return Found(
        entry["Key"], entry["Size"], entry["LastModified"].timestamp(), _whole(entry["ETag"])
    )


def _whole(tag: str) -> str:
    if len(tag) < 3 or tag[0] != '"' or tag[-1] != '"':
        raise ValueError(f"no ETag: {tag!r}")
    return tag


class _Unclosed:
    """Content that boto3's transfers, which close what they were given, cannot close."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        return self._content.read(size)
