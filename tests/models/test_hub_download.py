from __future__ import annotations

import pytest

from models.hub_download import DownloadError, archive_address, redirected


@pytest.mark.parametrize(
    ("handle", "address"),
    [
        ("https://tfhub.dev/g/m/1", "https://tfhub.dev/g/m/1?tf-hub-format=compressed"),
        ("https://a.io/m?key=1", "https://a.io/m?key=1&tf-hub-format=compressed"),
        ("https://a.io/m?tf-hub-format=compressed", "https://a.io/m?tf-hub-format=compressed"),
        ("https://a.io/m.tar.gz", "https://a.io/m.tar.gz"),
        ("https://a.io/m.tgz?key=1", "https://a.io/m.tgz?key=1"),
    ],
)
def test_archive_address(handle: str, address: str) -> None:
    assert archive_address(handle) == address


@pytest.mark.parametrize(
    ("address", "location", "target"),
    [
        ("https://a.io/m/1", "/files/m.tgz", "https://a.io/files/m.tgz"),
        ("https://a.io/m/1", "https://b.io/m.tgz", "https://b.io/m.tgz"),
        ("https://a.io/m/1", "//b.io/m.tgz", "https://b.io/m.tgz"),
        ("http://a.io/m/1", "https://b.io/m.tgz", "https://b.io/m.tgz"),
        ("http://a.io/m/1", "http://b.io/m.tgz", "http://b.io/m.tgz"),
    ],
)
def test_redirects_that_are_followed(address: str, location: str, target: str) -> None:
    assert redirected(address, location) == target


@pytest.mark.parametrize(
    ("location", "complaint"),
    [
        ("http://a.io/m.tgz", "https to plain http"),
        ("HTTP://a.io/m.tgz", "https to plain http"),
        ("file:///etc/passwd", "redirects to file:"),
        ("gs://bucket/m", "redirects to gs:"),
        ("https://[::1/m", "correct hub.handle"),
    ],
)
def test_redirects_that_are_not_followed(location: str, complaint: str) -> None:
    with pytest.raises(DownloadError, match=complaint):
        redirected("https://a.io/m/1", location)
