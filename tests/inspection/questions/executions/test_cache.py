"""What the parts of a cache key are called."""

from __future__ import annotations

import pytest

from inspection.questions.executions.cache import part_name


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("custom_config.code_hash", "code"),
        ("code_hash", "code"),
        ("custom_config.code.network.digest", "your network"),
        ("custom_config.code.preprocess.digest", "your preprocess"),
        ("rows.code.digest", "your examples"),
        ("custom_config.training.epochs", "setting custom_config.training.epochs"),
    ],
)
def test_settings_and_code_are_told_apart(key: str, name: str) -> None:
    assert part_name(key) == name
