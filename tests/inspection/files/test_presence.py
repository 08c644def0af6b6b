"""Which uris are at hand: the same answers as those of Workspace.find, one listing a folder."""

from __future__ import annotations

import os

import pytest

from inspection.files.presence import Glance, Paths, Presence
from inspection.files.workspace import Workspace


@pytest.fixture
def root(tmp_path):
    for place in ("Trainer/model/6", "Trainer/model/7", "serving/m/1"):
        (tmp_path / "ws" / place).mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ws" / "Trainer" / "model" / "out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "ws" / "Trainer" / "model" / "in").symlink_to(tmp_path / "ws" / "serving")
    (tmp_path / "ws" / "gone").symlink_to(tmp_path / "ws" / "nothing")
    return tmp_path / "ws"


@pytest.mark.parametrize(
    "uri",
    [
        "{root}/Trainer/model/6",
        "{root}/Trainer/model/6/",
        "{root}/Trainer/model/8",
        "{root}/Trainer/model/out",
        "{root}/Trainer/model/in",
        "{root}/gone",
        "{root}/../elsewhere",
        "{root}",
        "/was/elsewhere/ws/Trainer/model/7",
        "/was/elsewhere/model/nothing",
        "file://{root}/Trainer/model/6",
        "file://localhost{root}/Trainer/model/6",
        "file:{root}/Trainer/model/6",
        "file://{root}/a%20b",
        "file://{root}/c%20d",
        "gs://bucket/Trainer/model/6",
        "gs://[hidden]/Trainer/model/6",
        "//[/Trainer/model/6",
        "Trainer/model/6",
        "relative",
        "/etc/passwd",
        "/",
        "",
        "\0",
        "/a\0b/c",
    ],
)
def test_it_is_what_one_by_one_finds(root, uri):
    wanted = Workspace(root).find(uri.format(root=root)) if uri else None
    found = Presence(Workspace(root)).find(uri.format(root=root))
    assert found == (os.path.realpath(wanted) if wanted else None)
    glance = Glance(Workspace(root))
    for _ in range(2):  # the second time it knows the folder
        place = glance.find(uri.format(root=root))
        assert (os.path.realpath(place) if place else None) == found


@pytest.mark.parametrize(("uri", "place"), [("a%20b", "a%20b"), ("c%20d", "c d")])
def test_an_address_may_be_encoded_and_tensorflows_is_not(root, uri, place):
    for name in ("a%20b", "c d"):
        (root / name).mkdir()
    assert Workspace(root).find(f"file://{root}/{uri}") == root / place
    assert Workspace(root).find("s3://[hidden/place") is None


def test_places_touch_what_holds_them_and_what_lies_in_them():
    places = Paths()
    places.add("/w/a/b")
    assert all(map(places.touches, ("/w/a/b", "/w/a", "/w", "/", "/w/a/b/c/d")))
    assert not any(map(places.touches, ("/w/a/c", "/w/b", "/v")))
