from __future__ import annotations

import logging
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.hub.download import DownloadError, archive_address, download, redirected

if TYPE_CHECKING:
    from tests.models.conftest import HubServer

BODY = b"archive" * 100


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


def fetch(address: str, target: Path, *, timeout: float = 30) -> bytes:
    download(address, target, max_bytes=2_000_000, timeout=timeout)
    return target.read_bytes()


def test_body_arrives_through_redirects(server: HubServer, tmp_path: Path) -> None:
    address = server.answer("/encoder/1", BODY)
    server.answer("/new/1", status=301, headers={"Location": "/encoder/1"})
    server.answer("/old/1", status=302, headers={"Location": address.replace("encoder", "new")})
    assert fetch(f"{server.url}/old/1", tmp_path / "a.tgz") == BODY
    assert server.requests == ["/old/1", "/new/1", "/encoder/1"]


def test_redirect_loop_ends(server: HubServer, tmp_path: Path) -> None:
    address = server.answer("/loop", status=302, headers={"Location": "/loop"})
    with pytest.raises(DownloadError, match="redirects more than 5 times"):
        fetch(address, tmp_path / "a.tgz")


@pytest.mark.parametrize(
    ("status", "complaint"),
    [
        (404, "localhost answered 404 Not Found"),
        (503, "localhost answered 503 Service Unavailable"),
        (304, "localhost answered 304"),
        (403, r"is refused by localhost \(403\).*~/\.netrc"),
    ],
)
def test_answer_without_the_archive(
    server: HubServer, tmp_path: Path, status: int, complaint: str
) -> None:
    with pytest.raises(DownloadError, match=complaint):
        fetch(server.answer("/m", status=status), tmp_path / "a.tgz")


def test_connection_that_breaks_off(server: HubServer, tmp_path: Path) -> None:
    address = server.answer("/m", BODY, headers={"Content-Length": str(len(BODY) + 10)})
    with pytest.raises(DownloadError, match="10 more expected"):
        fetch(address, tmp_path / "a.tgz")


def test_size_is_limited_by_what_is_announced(server: HubServer, tmp_path: Path) -> None:
    address = server.answer("/m", bytes(3_000_000))
    with pytest.raises(DownloadError, match=r"larger than 2 MB: .*raise hub\.max_megabytes"):
        fetch(address, tmp_path / "a.tgz")
    assert (tmp_path / "a.tgz").stat().st_size == 0


def test_size_is_limited_by_what_arrives(server: HubServer, tmp_path: Path) -> None:
    chunk = b"2dc6c0\r\n" + bytes(3_000_000)
    address = server.answer("/m", chunk, headers={"Transfer-Encoding": "chunked"})
    with pytest.raises(DownloadError, match="larger than 2 MB"):
        fetch(address, tmp_path / "a.tgz")
    assert (tmp_path / "a.tgz").stat().st_size <= 2_000_000


def test_bytes_are_taken_as_stored_whatever_encoding_is_claimed(
    server: HubServer, tmp_path: Path
) -> None:
    address = server.answer("/m.tar.gz", BODY, headers={"Content-Encoding": "gzip"})
    assert fetch(address, tmp_path / "a.tgz") == BODY


def test_credentials_come_from_netrc(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = server.answer("/private", BODY, user="me:secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with pytest.raises(DownloadError, match=r"is refused by localhost \(401\).*~/\.netrc"):
        fetch(address, tmp_path / "a.tgz")
    (tmp_path / "netrc").write_text("machine localhost login me password secret")
    assert fetch(address, tmp_path / "a.tgz") == BODY


def test_server_that_is_not_there(stopped_server: HubServer, tmp_path: Path) -> None:
    stopped_server.server_close()
    with pytest.raises(DownloadError, match=r"cannot be downloaded \(Connection refused\)"):
        fetch(stopped_server.url, tmp_path / "a.tgz")


def test_server_that_does_not_answer(stopped_server: HubServer, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"cannot be downloaded \(.*timed out"):
        fetch(stopped_server.url, tmp_path / "a.tgz", timeout=0.2)


def test_large_download_reports_progress(
    server: HubServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="progress"):
        fetch(server.answer("/large", bytes(1_500_000)), tmp_path / "a.tgz")
    assert "downloading the Hub module from localhost: 1." in caplog.text
    assert caplog.records[0].__dict__["total"] == 1_500_000


@pytest.mark.medium
@pytest.mark.skipif(not shutil.which("openssl"), reason="makes a certificate with openssl")
def test_tls_is_checked_and_kept(
    server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=DNS:localhost -keyout {key} -out {certificate}",
        shell=True,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    plain = server.answer("/m", BODY)
    with type(server)() as secure:
        secure.scheme, secure.socket = "https", context.wrap_socket(secure.socket, server_side=True)
        address = secure.answer("/m", BODY)
        downgrade = secure.answer("/downgrade", status=302, headers={"Location": plain})
        with secure.running():
            with pytest.raises(DownloadError, match="certificate verify failed"):
                fetch(address, tmp_path / "a.tgz")
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
            assert fetch(address, tmp_path / "a.tgz") == BODY
            with pytest.raises(DownloadError, match="from https to plain http"):
                fetch(downgrade, tmp_path / "a.tgz")
    assert server.requests == []
