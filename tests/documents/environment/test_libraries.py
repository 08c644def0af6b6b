from __future__ import annotations

import os

import pytest

from documents.environment.libraries import choose_libraries

NAMES = ("TF_USE_LEGACY_KERAS", "TF_ENABLE_ONEDNN_OPTS")


def test_both_are_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, "KERAS_HOME", "KERAS_BACKEND"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    choose_libraries()
    assert [os.environ[name] for name in NAMES] == ["1", "1"]
