"""The address of a store in the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.store_address import PASSWORD
from pipeline.settings import SettingsError, load_settings

QUICK = Path("configs/quick.yaml")


def test_without_an_address_runs_are_recorded_in_root() -> None:
    assert load_settings(QUICK).metadata.address is None


def test_the_password_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD, "sekret")
    settings = load_settings(QUICK, ["metadata.store=mysql://me@db/metadb"])
    assert settings.metadata.address is not None
    assert settings.metadata.address.password == "sekret"
    assert "sekret" not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("oracle://host/db", "begin it with mysql:// or postgresql:// or grpc://"),
        ("/tmp/metadata.db", "leave it out for a file in ROOT"),
        ("sqlite:////tmp/metadata.db", "leave it out for a file in ROOT"),
        ("mysql://host", "write mysql://user:password@host:3306/metadb"),
        ("postgresql://host/db", "write postgresql://user:password@host"),
        ("mysql://host:99999/db", "is incomplete"),
        ("mysql://me:sekret@host/db", f"leave the password out and set {PASSWORD}"),
        ("mysql://me:sekret@/sekret#sekret@host/db", f"or leave it out and set {PASSWORD}"),
        ("mysql://me:sekret/1@host/db", f"or leave it out and set {PASSWORD}"),
        ("oracle://me:sekret#1@host/db", "begin it with mysql:// or"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_when_it_is_read(value: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(QUICK, [f"metadata.store={value}"])
    assert told in str(refused.value)
    assert "sekret" not in str(refused.value)
