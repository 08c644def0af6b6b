"""Credentials of an account, and the server that gives tokens for them.

Without any, Beam looks for them for half a minute in each process, and goes on as nobody.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@contextlib.contextmanager
def service_account(path: Path) -> Iterator[None]:
    """Writes what GOOGLE_APPLICATION_CREDENTIALS names; tokens are given while this is entered.

    https://google.aip.dev/auth/4112 says what is in it.
    """
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Tokens) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        key = rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        account = {
            "type": "service_account",
            "project_id": "p",
            "private_key": key.decode(),
            "client_email": "nobody@example.com",
            "token_uri": f"http://127.0.0.1:{server.server_port}/token",
        }
        path.write_text(json.dumps(account))
        try:
            yield
        finally:
            server.shutdown()


class _Tokens(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        token = {"access_token": "a token", "expires_in": 3600, "token_type": "Bearer"}
        content = json.dumps(token).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
