"""Addresses of stores: taken apart, shown without the password, and put down in ROOT."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.store_address import (
    PASSWORD,
    PASSWORD_FILE,
    AddressError,
    StoreAddress,
    parse_address,
    read_address,
    write_address,
)

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)
ADDRESS = StoreAddress("mysql", "db.example", 3306, "metadb", "me", "")


@given(
    user=WORDS,
    database=WORDS.map(lambda text: text.strip("/")).filter(bool),
    password=WORDS,
    host=st.sampled_from(["db.example", "127.0.0.1", "::1"]),
    port=st.integers(1, 65535),
)
def test_what_is_shown_is_the_same_address_without_its_password(
    user: str, database: str, password: str, host: str, port: int
) -> None:
    address = StoreAddress("postgresql", host, port, database, user, password)
    assert parse_address(address.shown) == dataclasses.replace(address, password="")
    assert address.without_password(f"no <{password}> here") != f"no <{password}> here"


@pytest.mark.parametrize("password", ["a/b", "a#b", "12?b", "1/b", "a@b/", "@/#?"])
def test_signs_of_a_password_that_end_a_host_are_told_and_it_is_not(password: str) -> None:
    for text in (f"mysql://me:{password}@db:3306/metadb", f"mysql://me:{password}@db/metadb"):
        with pytest.raises(AddressError, match="has an @ behind its host; write @ as %40") as told:
            parse_address(text)
        assert password not in str(told.value).partition(";")[0]


def test_the_password_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("of the file\n")
    found = {
        text: ADDRESS.with_password(environment).password
        for text, environment in {
            "none": {},
            "variable": {PASSWORD: "of the variable", PASSWORD_FILE: str(file)},
            "file": {PASSWORD_FILE: str(file)},
        }.items()
    }
    assert found == {"none": "", "variable": "of the variable", "file": "of the file"}
    given = dataclasses.replace(ADDRESS, password="of the address")
    assert given.with_password({PASSWORD: "other"}) is given


def test_a_file_of_a_password_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("missing", "fifo", "."):
        with pytest.raises(AddressError, match=rf"{PASSWORD_FILE} = .*; name a file that holds it"):
            ADDRESS.with_password({PASSWORD_FILE: str(tmp_path / name)})


def test_a_root_says_where_its_runs_are_recorded(tmp_path: Path) -> None:
    assert read_address(tmp_path) is None
    write_address(tmp_path, dataclasses.replace(ADDRESS, password="secret"))
    assert read_address(tmp_path) == "mysql://me@db.example:3306/metadb"
    write_address(tmp_path, None)
    assert read_address(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"file:///etc/passwd", b"x" * 10_000])
def test_a_file_that_holds_no_address_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "metadata.address").write_bytes(content)
    assert read_address(tmp_path) is None
