"""Buckets, as pipeline roots are in: TensorFlow reaches gs://, and not s3://."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serving.stores import Store, impatient, running


@pytest.fixture(scope="session")
def running_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running("gs", tmp_path_factory.mktemp("authority")) as store:
        yield store


@pytest.fixture
def bucket(running_bucket: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with impatient(running_bucket, monkeypatch) as store:
        yield store


@pytest.fixture
def remote_root(bucket: Store) -> str:
    return bucket.pipeline_root()


@pytest.fixture(scope="session")
def running_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running("s3", tmp_path_factory.mktemp("authority")) as store:
        yield store


@pytest.fixture
def s3(running_s3: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with impatient(running_s3, monkeypatch) as store:
        yield store


@pytest.fixture
def s3_root(s3: Store) -> str:
    return s3.pipeline_root()
