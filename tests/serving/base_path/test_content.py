from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.saved_model import WARM_UP
from serving.base_path.content import PROVENANCE, combine, content_digest, file_digests

NAMES = st.text("ab.-", min_size=1, max_size=3).filter(lambda name: name.strip("."))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_equal_files_have_an_equal_digest_wherever_they_lie(tmp_path: Path) -> None:
    files = {"saved_model.pb": b"graph", "variables/variables.index": b"index"}
    one = write(tmp_path / "one", files)
    other = write(tmp_path / "deep/other", dict(reversed(files.items())))
    assert content_digest(one) == content_digest(str(other))
    assert content_digest(one).startswith("sha256:")


def test_what_publishing_adds_and_empty_folders_do_not_count(tmp_path: Path) -> None:
    model = write(tmp_path, {"saved_model.pb": b"graph", "assets.extra/notes": b"n"})
    before = content_digest(model)
    write(model, {PROVENANCE: b"{}", WARM_UP: b"requests"})
    (model / "assets").mkdir()
    assert content_digest(model) == before
    assert set(file_digests(model)) == {"saved_model.pb", "assets.extra/notes"}


@pytest.mark.parametrize(
    "files",
    [
        {"saved_model.pb": b"GRAPH", "assets/labels": b"l"},
        {"saved_model.pb": b"graph", "assets/label": b"sl"},
        {"saved_model.pb": b"graph", "labels": b"l"},
        {"saved_model.pb": b"graph"},
        {"saved_model.pb": b"graph", "assets/labels": b"l", "assets/more": b""},
    ],
)
def test_any_difference_shows(tmp_path: Path, files: dict[str, bytes]) -> None:
    model = write(tmp_path / "model", {"saved_model.pb": b"graph", "assets/labels": b"l"})
    assert content_digest(model) != content_digest(write(tmp_path / "other", files))


@pytest.mark.medium
@given(st.dictionaries(PATHS, st.binary(max_size=3)), st.dictionaries(PATHS, st.binary(max_size=3)))
def test_the_digest_tells_sets_of_files_apart(
    one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    def digest(files: dict[str, bytes]) -> str:
        return combine({path: hashlib.sha256(data).hexdigest() for path, data in files.items()})

    assert (digest(one) == digest(other)) == (one == other)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum here")
def test_the_shell_command_of_the_documentation_gives_the_same(tmp_path: Path) -> None:
    model = write(
        tmp_path / "model",
        {
            "saved_model.pb": b"graph",
            "a-b": b"1",
            "assets.extra/b c": b"2",
            "variables/é": b"3",
            WARM_UP: b"w",
        },
    )
    page = Path(__file__).parents[3].joinpath("docs/base_path.md").read_text()
    (command,) = (line.strip() for line in page.splitlines() if line.strip().startswith("find "))
    output = subprocess.run(
        ["sh", "-c", command], cwd=model, capture_output=True, check=True, text=True
    ).stdout
    assert f"sha256:{output.split()[0]}" == content_digest(model)


def test_links_are_followed(tmp_path: Path) -> None:
    model = write(tmp_path / "model", {"saved_model.pb": b"graph", "assets/labels": b"l"})
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "saved_model.pb").symlink_to(model / "saved_model.pb")
    (linked / "assets").symlink_to(model / "assets")
    assert content_digest(linked) == content_digest(model)


def test_a_missing_folder_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        content_digest(tmp_path / "gone")
