from __future__ import annotations

import os

import pytest

from documents.environment.onednn import choose_onednn
from serving.backends.interpreter import clean_environment

NAME = "TF_ENABLE_ONEDNN_OPTS"


@pytest.mark.parametrize(("given", "chosen"), [(None, "1"), ("0", "0"), ("1", "1")])
def test_what_a_user_has_set_holds(
    given: str | None, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    if given:
        monkeypatch.setenv(NAME, given)
    choose_onednn()
    assert os.environ[NAME] == chosen


def test_a_model_server_computes_as_its_processor_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    choose_onednn()
    assert NAME not in clean_environment()
