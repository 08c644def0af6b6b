from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.extended
def test_every_figure_of_this_server_is_measured_without_a_failed_request(tmp_path):
    output = tmp_path / "serving.json"
    command = [sys.executable, "-m", "benchmarks.serving", "--no-peers", "--rounds", "1"]
    command += ["--earlier", str(Path(__file__).resolve().parents[3])]
    finished = subprocess.run(
        [*command, "--seconds", "0.3", "--swaps", "3", "--output", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(output.read_text())
    measured = [(r["contender"], r["protocol"], r["batch"]) for r in document["rates"]]
    assert sorted(measured) == [
        (server, protocol, batch)
        for server in ("earlier server", "this server")
        for protocol in ("REST", "gRPC")
        for batch in (1, 32)
    ]
    assert all(rate["cpu_milliseconds"] > 0 for rate in document["rates"])
    assert document["churn"]["swaps"] == 3
    assert document["churn"]["failures"] == 0
    # Whether a busy machine meets the targets is not for a test to say.
    assert finished.returncode in (0, 1)
    assert "CPU ms / request" in finished.stdout
