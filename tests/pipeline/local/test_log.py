"""Noise goes to the log file, and the terminal stays ours."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import logging, os, subprocess, sys
from pathlib import Path
from pipeline.local.log import output_to_log
print("before", flush=True)
with output_to_log(Path(sys.argv[1])) as (output, errors):
    print("python noise")
    os.write(2, b"native noise\\n")
    subprocess.run(["echo", "child noise"], check=True)
    logging.getLogger("tfx").info("logged noise")
    output.write("progress\\n")
    errors.write("warning\\n")
print("after", flush=True)
"""


def test_only_our_lines_reach_the_terminal(tmp_path: Path):
    log = tmp_path / "logs" / "run.log"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(log)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["before", "progress", "after"]
    assert done.stderr.splitlines() == ["warning"]
    noise = log.read_text()
    for line in ("python noise", "native noise", "child noise", "INFO tfx: logged noise"):
        assert line in noise
