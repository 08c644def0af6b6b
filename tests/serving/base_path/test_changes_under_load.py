"""What clients of a running model server notice of changes in its base path."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from serving.base_path.versions import publish
from serving.base_path.withdrawal import restore, rollback, withdraw
from serving.clients.rest_client import RestClient
from serving.launch import launch

MODEL = "small"


@pytest.mark.slow
def test_no_request_fails_and_the_live_version_answers(saved_model: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    publish(saved_model, base, version=1)
    failures: list[Exception] = []
    answers: list[object] = []
    stop = threading.Event()
    with launch(base, MODEL, backend="embedded") as server:
        server.wait_available(1)

        def ask() -> None:
            client = RestClient(server.rest_url, MODEL)
            while not stop.is_set():
                try:
                    answers.append(client.predict([[1.0, 2.0]]))
                except Exception as error:
                    failures.append(error)
                time.sleep(0.005)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            for act, live in (
                (lambda: publish(saved_model, base, version=2), 2),
                (lambda: rollback(base), 1),
                (lambda: restore(base, 2), 2),
                (lambda: withdraw(base, 2, reason="x"), 1),
            ):
                act()
                wait_until_only(RestClient(server.rest_url, MODEL), live)
        finally:
            stop.set()
            asking.join()
    assert failures == []
    assert len(answers) > 50
    assert all(answer == [[3.0, 5.0]] for answer in answers)


def wait_until_only(client: RestClient, version: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        states = client.status()
        if [s["version"] for s in states if s["state"] == "AVAILABLE"] == [str(version)]:
            return
        time.sleep(0.05)
    raise AssertionError(f"version {version} is not the one available: {states}")
