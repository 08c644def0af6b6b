"""A model server on gs://, which TensorFlow itself reads over TLS, from a store here."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.serving.googles_place import enter
from tests.serving.programs import REPOSITORY

pytestmark = pytest.mark.slow

SERVED = """
    import sys

    from serving.base_path.versions import publish
    from serving.base_path.withdrawal import rollback
    from serving.clients.rest_client import RestClient
    from serving.launch import launch
    base = "gs://models/serving/small"
    for number in (1, 2):
        publish(sys.argv[1], base, version=number)
    with launch(base, "small", backend="embedded", poll_seconds=0.2) as server:
        server.wait_available(2)
        rollback(base, reason="a test")
        server.wait_available(1)
        assert RestClient(server.rest_url, "small").predict([[1.0, 2.0]]) == [[3.0, 5.0]]
"""


@pytest.mark.extended
def test_a_model_server_follows_a_base_path_in_a_bucket(saved_model: Path) -> None:
    program = enter()
    if program is None:
        pytest.skip("this machine allows no network of one's own")
    script = textwrap.dedent(SERVED)
    ended = subprocess.run(
        [*program, sys.executable, "-c", script, str(saved_model)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
