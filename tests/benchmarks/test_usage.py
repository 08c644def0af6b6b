"""What a process used."""

import sys
from pathlib import Path

import pytest

from benchmarks.usage import CommandError, Usage, median, run

BUSY_CHILD = """
import subprocess, sys
work = "x = bytearray(80_000_000)\\nfor i in range(6_000_000): pass"
subprocess.run([sys.executable, "-c", work])
print("done")
"""


@pytest.mark.medium
def test_cpu_time_and_memory_of_children_count(tmp_path: Path):
    output = tmp_path / "out"
    usage = run([sys.executable, "-c", BUSY_CHILD], cwd=tmp_path, output=output)
    idle = run([sys.executable, "-c", "print()"], cwd=tmp_path, output=tmp_path / "idle")
    assert output.read_text() == "done\n"
    assert usage.cpu_seconds > idle.cpu_seconds
    assert usage.peak_megabytes > 80
    assert usage.wall_seconds > 0


def test_a_failing_command_shows_its_last_lines(tmp_path: Path):
    with pytest.raises(CommandError, match=r"ended with 3:(.|\n)*no such flour"):
        run(
            [sys.executable, "-c", "import sys; print('no such flour'); sys.exit(3)"],
            cwd=tmp_path,
            output=tmp_path / "out",
        )


def test_the_median_is_taken_figure_by_figure():
    usages = [Usage(1.0, 9.0, 300.0), Usage(2.0, 7.0, 100.0), Usage(9.0, 8.0, 200.0)]
    assert median(usages) == Usage(2.0, 8.0, 200.0)
