"""Requests as people copy them: they run, and ask what was asked."""

from __future__ import annotations

import base64
import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving.pages.snippets import curl, python


def test_the_command_keeps_any_model_name():
    address = shlex.split(curl("http://h:1", "a b/c?", None, "s", 1))[-1]
    assert address == "http://h:1/v1/models/a%20b%2Fc%3F:predict"


def test_the_command_survives_a_shell():
    words = shlex.split(curl("http://h:1/", "m", 3, "it's", {"x": b"\xff"}))
    assert words[0] == "curl"
    assert words[-1] == "http://h:1/v1/models/m/versions/3:predict"
    assert words[-2] == '{"signature_name": "it\'s", "instances": [{"x": {"b64": "/w=="}}]}'


@pytest.mark.skipif(shutil.which("base64") is None, reason="there is no base64")
def test_a_large_request_goes_through_a_pipe(tmp_path):
    content = np.random.default_rng(0).bytes(300_000)
    (tmp_path / "it's.png").write_bytes(content)
    echo = tmp_path / "curl"
    echo.write_text("#!/bin/sh\ncat\n")
    echo.chmod(0o755)
    wanted = {"signature_name": "s", "instances": [{"b64": base64.b64encode(content).decode()}]}
    for file in (None, "it's.png"):
        command = curl("http://h:1", "m", None, "s", content, file)
        assert (len(command) < 400) == (file is not None)
        path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        sent = subprocess.run(
            ["sh"], input=command.encode(), capture_output=True, check=True, cwd=tmp_path, env=path
        )
        assert json.loads(sent.stdout) == wanted


@pytest.fixture
def asked() -> Iterator[tuple[str, list[Any]]]:
    """A server that answers 7 to everything: its address, and what it was asked."""
    bodies: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append((self.path, json.loads(content)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"predictions": [7]}')

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    server.server_close()


def run(program: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=folder
    )
    return done.stdout.strip()


def test_the_program_asks_what_was_asked(asked, tmp_path):
    url, bodies = asked
    odd = """it's "quoted", \\ and
two lines, Caf\u00e9, {braces}"""
    instance = {"fare": math.nan, "far": -math.inf, odd: odd, "ok": True, "photo": b"\x00\xff"}
    assert run(python(url, "a b/c?", 3, "it's", instance), tmp_path) == "7"
    [(path, body)] = bodies
    assert path == "/v1/models/a%20b%2Fc%3F/versions/3:predict"
    assert body["signature_name"] == "it's"
    [sent] = body["instances"]
    assert math.isnan(sent.pop("fare"))
    assert sent.pop("far") == -math.inf
    assert sent == {odd: odd, "ok": True, "photo": {"b64": "AP8="}}


def test_the_program_reads_a_file(asked, tmp_path):
    url, bodies = asked
    (tmp_path / "it's.png").write_bytes(b"content")
    program = python(url, "m", None, "image_bytes", b"content", "it's.png")
    assert "base64" in program
    assert run(program, tmp_path) == "7"
    assert bodies[0][1]["instances"] == [{"b64": base64.b64encode(b"content").decode()}]


def test_a_program_of_pixels_imports_no_more_than_it_needs(asked, tmp_path):
    url, bodies = asked
    program = python(url, "m", None, "serving_default", np.eye(2, dtype=np.uint8))
    assert "base64" not in program
    assert run(program, tmp_path) == "7"
    assert bodies[0][1]["instances"] == [[[1, 0], [0, 1]]]
