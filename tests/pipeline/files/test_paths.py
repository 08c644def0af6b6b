"""Paths as people write them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.files.paths import (
    ARTIFACTS,
    MODELS,
    address,
    base_path,
    cluster_address,
    local_path,
    refuse_patterns,
)
from pipeline.settings import REPOSITORY

ODD = "a b'\"#%:@,é~$x{1}]"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/data/x", "/data/x"),
        ("x/../y", "x/../y"),
        (f"/{ODD}", f"/{ODD}"),
        ("./~", "~"),
        ("a~", "a~"),
        ("-x", "-x"),
        ("file:///a%20b", "/a b"),
        ("file://localhost/a", "/a"),
    ],
)
def test_a_path_is_what_it_says(text: str, path: str):
    assert local_path(text) == Path(path)
    assert address(text) == path


@pytest.mark.parametrize(
    "text", ["", " ", "a\nb", "a\0b", "a" * 256, "é" * 128, "a/" * 2_048, "\ud800"]
)
def test_what_no_path_can_be_is_refused(text: str):
    for read in (local_path, address):
        with pytest.raises(ValueError, match=r"^it "):
            read(text)


@pytest.mark.parametrize(
    "text", ["ftp://h/x", "s3://b/x", "gs:/b/x", "gs:", "http://h", "hdfs://h/x"]
)
def test_an_address_that_tensorflow_cannot_write_is_refused(text: str):
    for read in (local_path, address):
        with pytest.raises(ValueError, match="it "):
            read(text)


def test_an_object_store_is_an_address_and_no_path():
    assert address("gs://bucket/~/a") == "gs://bucket/~/a"
    with pytest.raises(ValueError, match="only a path can be read here"):
        local_path("gs://bucket/a")


def test_the_home_folder_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert local_path("~") == Path("/home/me")
    assert local_path("~/x y") == Path("/home/me/x y")


@pytest.mark.parametrize("home", [None, "", "relative"])
def test_without_a_home_folder_a_tilde_is_refused(
    monkeypatch: pytest.MonkeyPatch, home: str | None
):
    monkeypatch.setattr("os.getuid", lambda: 3_999_999)
    monkeypatch.delenv("HOME")
    if home is not None:
        monkeypatch.setenv("HOME", home)
    with pytest.raises(ValueError, match="there is no home folder for ~: set HOME"):
        local_path("~/x")


@pytest.mark.parametrize("character", list("*?[\\"))
def test_pattern_characters_are_refused_where_another_folder_would_be_read(character: str):
    with pytest.raises(ValueError, match="takes the paths of artifacts for patterns"):
        refuse_patterns(f"/a/b{character}c", ARTIFACTS)
    for place in ("/a/b", "gs://bucket/b"):
        with pytest.raises(ValueError, match="takes the path of a model's variables for a pattern"):
            base_path(f"{place}{character}c")


@pytest.mark.parametrize("why", [ARTIFACTS, MODELS])
def test_bytes_that_are_no_text_are_refused_where_tensorflow_reads(why: str):
    with pytest.raises(ValueError, match="it is not UTF-8"):
        refuse_patterns(os.fsdecode(b"/tmp/\xff"), why)


def test_all_other_characters_are_none_of_a_pattern():
    refuse_patterns(f"/{ODD}", MODELS)
    assert base_path(f"/{ODD}") == f"/{ODD}"


@pytest.mark.parametrize("text", ["gs://bucket/a [1]", "/mnt/models"])
def test_a_cluster_knows_object_stores_and_paths_in_its_containers(text: str):
    assert cluster_address(text) == text


@pytest.mark.parametrize(
    "text", ["", "models", "~/models", "s3://b/x", "gs://", "gs:/b", "file:///x", "gs://bucket/x\n"]
)
def test_a_cluster_knows_nothing_of_this_machine(text: str):
    with pytest.raises(ValueError, match=r"^it "):
        cluster_address(text)


def test_an_object_store_may_be_allowed():
    assert cluster_address("s3://bucket/x", ("gs", "s3")) == "s3://bucket/x"


def test_letters_that_the_locale_lacks_are_told_with_what_mends_it() -> None:
    """Of an interpreter that was kept from taking UTF-8 all the same."""
    look = "from pipeline.files.paths import local_path; local_path('caf\\xe9')"
    asked = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", look], env=asked, cwd=REPOSITORY, capture_output=True, text=True
    )
    assert "ValueError: this locale knows no such letters (ascii); set PYTHONUTF8=1" in done.stderr
