"""What `predict` is asked about is looked at before a server is."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.__main__ import main


def test_a_folder_of_folders_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photos/cat").mkdir(parents=True)
    assert main(["predict", "photos", "--url", "http://127.0.0.1:9", "--model-name", "m"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Folder photos holds no .png")
    assert printed.err.endswith("; name a folder in it, such as photos/cat.\n")
