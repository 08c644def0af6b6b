"""Notes and tags: beside the store, by anybody, several at once."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys

import pytest

from inspection.__main__ import main
from inspection.files.notes import LONGEST_TEXT, NoteError, read_notes, write_note
from inspection.files.workspace import Workspace
from inspection.store import open_history
from tests.inspection.recorded_runs import RECORDED


@pytest.fixture
def root(tmp_path):
    shutil.copytree(RECORDED, tmp_path / "workspace")
    return tmp_path / "workspace"


def ask(root, *arguments, code=0):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        assert main([*arguments, "--store", str(root)]) == code
    return (out.getvalue() or err.getvalue()).splitlines()


def test_who_said_what_is_told_and_the_store_is_as_it_was(root):
    store = (root / "metadata.db").read_bytes()
    assert ask(root, "note", "r2", "shirts look \x1b[31mgood") == ["Noted on r2."]
    assert ask(root, "tag", "r2", "good") == ["r2 is tagged good."]
    assert ask(root, "tag", "r2", "good") == ["r2 is tagged good already."]
    first, tags, said = ask(root, "note", "r2")
    assert (first, tags) == ("r2 has 1 note.", "tags: good")
    assert said.endswith(r": shirts look \x1b[31mgood")
    assert "\x1b" not in (root / "notes.jsonl").read_text()
    assert ask(root, "runs", "--tag", "good")[0] == "1 of 6 runs is what was asked for."
    assert ask(root, "tag", "r2", "good", "--remove") == ["r2 is no longer tagged good."]
    assert ask(root, "tag", "r2", "good", "--remove", code=1) == [
        "r2 has no tag 'good'; it has none."
    ]
    assert (root / "metadata.db").read_bytes() == store


def test_a_version_s_note_is_its_model_s_and_steps_have_none(root):
    ask(root, "note", "1795427425", "the first one")
    assert "the first one" in ask(root, "show", "a7")[-1]
    assert "notes and tags are put on runs and models" in ask(root, "note", "s6", "x", code=1)[0]


@pytest.mark.parametrize("text", ["", "  \n", "x" * (LONGEST_TEXT + 1)])
def test_a_note_has_bounds(root, text):
    run = open_history(root).runs[2]
    with pytest.raises(NoteError, match="characters"):
        write_note(Workspace(root), run, "note", text)


@pytest.mark.parametrize("tag", ["", "two words", "-x", "x" * 65, "a\x1bb", "a\u202eb"])
def test_a_tag_is_a_word(root, tag):
    run = open_history(root).runs[2]
    with pytest.raises(NoteError, match="is no tag"):
        write_note(Workspace(root), run, "tag", tag)


@pytest.mark.medium
def test_many_write_at_once_and_none_is_lost(root):
    script = (
        "import inspection; store = inspection.open_store({root!r})\n"
        "for n in range(20): store.note('r2', f'{who} {{n}}')"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script.format(root=str(root), who=who)])
        for who in ("one", "two")
    ]
    assert [each.wait(120) for each in running] == [0, 0]
    run = open_history(root).runs[2]
    texts = [each.text for each in read_notes(Workspace(root)).of(run)]
    assert sorted(texts) == sorted(f"{who} {n}" for who in ("one", "two") for n in range(20))


def test_what_was_cut_off_and_what_is_about_another_store_is_passed_over(root):
    run = open_history(root).runs[2]
    workspace = Workspace(root)
    path = root / "notes.jsonl"
    path.write_bytes(b'{"time": "cut of')
    write_note(workspace, run, "note", "whole")
    other = json.loads(path.read_bytes().splitlines()[1])
    with path.open("a") as file:
        file.write(json.dumps({**other, "name": "another run", "text": "stray"}) + "\n")
    assert [each.text for each in read_notes(workspace).of(run)] == ["whole"]


def test_a_folder_in_its_place_is_a_sentence(root):
    (root / "notes.jsonl").mkdir()
    assert "cannot be written: is a folder" in ask(root, "note", "r2", "x", code=1)[-1]
