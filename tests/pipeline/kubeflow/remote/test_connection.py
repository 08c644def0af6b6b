"""Logins, and what is said when a server does not answer as an API does."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import json
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

import kubeflow_runner
from tests.pipeline.kubeflow.standin import KubeflowServer, serving

SECRET = "s3cr3t-t0k3n"
BEARER = {"Authorization": f"Bearer {SECRET}"}
COOKIE = {"Cookie": f"authservice_session={SECRET}"}


@pytest.fixture
def run(server):
    def execute(*arguments: object, host: str = server.host) -> int:
        return kubeflow_runner.main(["runs", *map(str, arguments), "--host", host])

    return execute


@pytest.mark.parametrize(
    ("wants", "arguments", "environment"),
    [
        (BEARER, ("--existing-token", SECRET), {}),
        (BEARER, ("--existing-token", "@FILE"), {}),
        (BEARER, ("--token-file", "FILE"), {}),
        (BEARER, (), {"KFP_EXISTING_TOKEN": SECRET}),
        (BEARER, (), {"KF_PIPELINES_SA_TOKEN_PATH": "FILE"}),
        (COOKIE, ("--cookies", "@FILE"), {}),
        (COOKIE, (), {"KFP_COOKIES": COOKIE["Cookie"]}),
    ],
)
def test_a_login_goes_along_and_is_never_shown(
    run, server, tmp_path, monkeypatch, capsys, wants, arguments, environment
):
    server.only = wants
    file = tmp_path / "secret"
    file.write_text((COOKIE["Cookie"] if wants is COOKIE else SECRET) + "\n")
    file = str(file)
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace("FILE", file))
    given = [argument.replace("FILE", file) for argument in arguments]
    assert run(*given) == 0
    said = capsys.readouterr()
    assert "r1" in said.out
    assert SECRET not in said.out + said.err


def test_what_kfps_client_keeps_at_home_holds(run, server, home):
    (home / ".config" / "kfp").mkdir(parents=True)
    kept = {"namespace": "me", "client_authentication_cookie": COOKIE["Cookie"]}
    (home / ".config" / "kfp" / "context.json").write_text(json.dumps(kept))
    server.only, server.multi_user = COOKIE, True
    assert run() == 0
    assert "namespace=me" in server.requests[-1][1]


def test_a_netrc_does_not_replace_the_token(run, server, home):
    netrc = home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    server.only = BEARER
    assert run("--existing-token", SECRET) == 0


def test_a_renewed_token_is_read_anew(server, tmp_path):
    file = tmp_path / "token"
    file.write_text("first")
    server.only = {"Authorization": "Bearer first"}
    server.frames = [{"Trainer": "running"}, {"Trainer": "running"}, {"Trainer": "done"}]
    original = server.run

    def renew(run_id: str, *, look: bool = True) -> Any:
        file.write_text("second")
        server.only = {"Authorization": "Bearer second"}
        return original(run_id, look=look)

    server.run = renew
    given = ("status", "r1", "--watch", "--poll", "0.1", "--token-file", str(file))
    # There is no Pusher in it.
    assert kubeflow_runner.main([*given, "--host", server.host]) == 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, "text/plain", b"Unauthorized", {}), "wants a login (401); give a token"),
        (
            (403, "application/json", b'{"message":"User x may not list runs in me"}', {}),
            "forbids this (403): User x may not list runs in me; ask for access",
        ),
        (
            (302, "text/html", b"", {"Location": "/dex/auth?client=x"}),
            "sends to a login page (/dex",
        ),
        (
            (302, "text/html", b"", {"Location": "https://accounts.google.com/o/oauth2"}),
            "sends to a login page (https://accounts.google.com",
        ),
        (
            (301, "text/html", b"", {"Location": "https://kf.example/x"}),
            "--host https://kf.example",
        ),
        ((200, "text/html", b"<!DOCTYPE html><title>Log in</title>", {}), "a web page instead"),
        ((200, "text/plain", b"hello \x1b[31m", {}), "no JSON object"),
        ((200, "application/json", b"[1]", {}), "no JSON object"),
        ((200, "application/json", b"[" * 100_000, {}), "no JSON object"),
        ((404, "text/plain", b"404 page not found", {}), "no API of Kubeflow Pipelines (404)"),
        ((413, "text/html", b"<title>Too large</title>", {}), "answered 413: Too large"),
    ],
)
def test_other_answers_are_one_sentence(run, server, capsys, answer, said):
    server.answers = [answer] * 2
    assert run() == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert "\x1b" not in captured.err
    assert captured.out == ""


def test_a_login_that_is_refused_is_not_repeated(run, server, capsys):
    server.only = {"Authorization": "Bearer other"}
    assert run("--existing-token", SECRET) == 1
    said = capsys.readouterr().err
    assert "refuses the given login (401)" in said
    assert SECRET not in said
    assert len(server.requests) == 1


def test_an_old_server_is_named_as_such(run, server, capsys):
    server.version = "v1beta1"
    assert run() == 1
    assert "speaks the API v1beta1 only" in capsys.readouterr().err


def test_a_server_that_is_not_there_or_silent(run, server, capsys):
    assert run(host="http://127.0.0.1:1") == 1
    said = capsys.readouterr().err
    assert "Connection refused" in said
    assert "kubectl port-forward" in said
    server.silence = 3.0
    assert run("--request-timeout", "0.3") == 1
    assert "does not answer in time" in capsys.readouterr().err


def test_a_proxy_is_not_asked_for_a_forwarded_port(run, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert run() == 0


@pytest.mark.medium
def test_whether_a_silent_server_took_a_run_is_not_known(server, file, capsys):
    assert kubeflow_runner.main(["submit", str(file), "--host", server.host]) == 0
    server.silence_of_posts = 3.0
    given = ["submit", str(file), "--host", server.host, "--request-timeout", "1"]
    assert kubeflow_runner.main(given) == 1
    assert "It may have been done all the same" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["ftp://x", "http://", "http://a b", "http://me:pass@host", "?"])
def test_what_is_no_address_is_said(run, capsys, host):
    assert run(host=host) == 2
    assert "is no address" in capsys.readouterr().err


@pytest.mark.parametrize("tail", ["/", "/#/runs", "/apis/v2beta1/runs"])
def test_an_address_may_be_copied_from_a_browser(run, server, tail):
    assert run(host=server.host + tail) == 0


def test_a_host_is_asked_for_or_taken_from_the_environment(server, monkeypatch, capsys):
    assert kubeflow_runner.main(["runs"]) == 2
    assert "--host is missing" in capsys.readouterr().err
    monkeypatch.setenv("KF_PIPELINES_ENDPOINT", server.host)
    assert kubeflow_runner.main(["runs"]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--existing-token", "@/nowhere"), "--existing-token cannot be read from /nowhere"),
        (("--token-file", "/nowhere"), "--token-file cannot be read from /nowhere"),
        (("--cookies", "a\r\nHost: b"), "--cookies must be one line"),
        (("--ssl-ca-cert", "/nowhere"), "--ssl-ca-cert /nowhere is no file"),
        (("--project", "p"), "--project is for --target vertex only"),
    ],
)
def test_mistakes_in_the_arguments_end_with_2(run, server, capsys, arguments, said):
    assert run(*arguments) == 2
    assert said in capsys.readouterr().err
    assert server.requests == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Files of a certificate for 127.0.0.1 that signs itself, and of its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubeflow")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder


def test_tls(home, certificate, capsys):
    with KubeflowServer() as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        host = server.host.replace("http://", "https://")
        with serving(server), contextlib.suppress(ssl.SSLError):
            runs = ["runs", "--host", host]
            assert kubeflow_runner.main(runs) == 1
            said = capsys.readouterr().err
            assert "cannot be trusted: its certificate is signed by itself" in said
            assert "--ssl-ca-cert FILE" in said
            assert kubeflow_runner.main([*runs, "--ssl-ca-cert", f"{certificate}/cert.pem"]) == 0
            assert capsys.readouterr().err == ""
            assert kubeflow_runner.main([*runs, "--skip-tls-verify"]) == 0
            assert "whoever answers is believed" in capsys.readouterr().err
            assert kubeflow_runner.main(["runs", "--host", server.host]) == 1


def test_tls_where_there_is_none(run, server, capsys):
    assert run(host=server.host.replace("http://", "https://")) == 1
    assert "does not speak TLS" in capsys.readouterr().err


class _Google(BaseHTTPRequestHandler):
    """Exchanges the assertion of a service account for tokens, as Google's does."""

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert body["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        assert body["assertion"]
        answer = {"access_token": "a", "id_token": SECRET, "expires_in": 3600}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.mark.medium
def test_iap_takes_the_token_of_a_service_account(
    run, server, tmp_path, monkeypatch, certificate, capsys
):
    from kfp.client import auth

    with ThreadingHTTPServer(("127.0.0.1", 0), _Google) as google, serving(google):
        address = f"http://127.0.0.1:{google.server_address[1]}/token"
        key = {
            "type": "service_account",
            "client_email": "runner@p.iam.gserviceaccount.com",
            "private_key": (certificate / "key.pem").read_text(),
            "private_key_id": "k",
            "project_id": "p",
            "token_uri": address,
        }
        (tmp_path / "key.json").write_text(json.dumps(key))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
        monkeypatch.setattr(auth, "OAUTH_TOKEN_URI", address)
        server.only = BEARER
        assert run("--iap-client-id", "client.apps.googleusercontent.com") == 0
        assert SECRET not in capsys.readouterr().out
        server.requests.clear()
        server.only = {"Authorization": "Bearer other"}
        assert run("--iap-client-id", "client.apps.googleusercontent.com") == 1
        assert "refuses the given login (401)" in capsys.readouterr().err
        assert len(server.requests) == 1
        # One that was good and is no longer is renewed, once.
        server.requests.clear()
        server.only = BEARER
        server.frames = [{"Trainer": "running"}, {"Trainer": "done"}]
        server.after = [(401, "text/plain", b"", {})]
        given = ("status", "r1", "--watch", "--poll", "0.1", "--host", server.host)
        assert kubeflow_runner.main([*given, "--iap-client-id", "client"]) == 5


def test_iap_without_credentials_is_a_sentence(run, home, monkeypatch, capsys):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere")
    assert run("--iap-client-id", "client") == 1
    assert "Google gives no token for --iap-client-id client" in capsys.readouterr().err
