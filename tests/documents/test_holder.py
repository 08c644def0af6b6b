"""A lock that is free here says nothing of a process on another machine."""

from __future__ import annotations

import os
from pathlib import Path

from documents.holder import holder_pid, is_of_this_machine, write_holder


def test_this_process_is_of_this_machine(tmp_path: Path) -> None:
    path = tmp_path / ".run.pid"
    assert holder_pid(path) is None
    assert is_of_this_machine(path)
    write_holder(path)
    assert holder_pid(path) == str(os.getpid())
    assert is_of_this_machine(path)


def test_another_name_is_a_container_of_this_machine_or_another_machine(tmp_path: Path) -> None:
    path = tmp_path / ".run.pid"
    write_holder(path)
    pid, _, boot = path.read_text().split("\n")[:3]
    path.write_text(f"{pid}\nanother-container\n{boot}\n")
    assert is_of_this_machine(path) == bool(boot)
    path.write_text(f"{pid}\nanother-machine\nanother-start\n")
    assert not is_of_this_machine(path)
    path.write_text(f"{pid}\n")  # as earlier releases wrote it
    assert is_of_this_machine(path)
