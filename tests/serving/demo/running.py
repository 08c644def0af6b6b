"""A demo that runs, and its page in a browser."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from tests.there import next_line, there


class Running:
    """A demo process; ends with the block as Ctrl-C ends it."""

    def __init__(self, *arguments: str) -> None:
        self._command = [sys.executable, "-m", "serving", "demo", "--port", "0", *arguments]

    def __enter__(self) -> str:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        line = next_line(self._process)
        return there(re.search(r"http://127\.0\.0\.1:\d+", line)).group()

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(20) == 0


@contextlib.contextmanager
def watched(browser: Any, url: str) -> Iterator[Any]:
    """The page; the test fails on any error in it and on any request to somewhere else."""
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if _is_unexpected(m) else None)
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.on(
        "request",
        lambda r: None if r.url.startswith((url, "blob:", "data:")) else problems.append(r.url),
    )
    page.goto(url)
    yield page
    context.close()
    assert problems == []


def _is_unexpected(message: Any) -> bool:
    # Chromium writes down every answer that is no success, the expected ones too.
    return message.type == "error" and "status of 4" not in message.text


def ask(url: str, path: str, body: bytes | None = None, host: str | None = None):
    request = urllib.request.Request(url + path, body, {"Host": host} if host else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
