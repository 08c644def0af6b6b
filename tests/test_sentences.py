"""Commands in what is said can be copied, whatever the paths in them hold."""

from __future__ import annotations

import re

import pytest

from pipeline.settings import REPOSITORY

ROOMS = ("components", "documents", "inspection", "models", "pipeline", "serving")
_JOINED = re.compile(r'"\s*\n?\s*f?"')
"""Where one part of a text ends and the next begins."""
_BARE = re.compile(
    r"`python [^`]*?--(?:base-path|config|images|manifest|root|slice|store|table) "
    r"\{(?!shlex\.(?:quote|join)\b)[^`]*`"
)


@pytest.mark.parametrize("room", ROOMS)
def test_paths_and_values_in_commands_are_quoted(room: str) -> None:
    bare = [
        f"{path.relative_to(REPOSITORY)}: {found}"
        for path in sorted((REPOSITORY / room).rglob("*.py"))
        for found in _BARE.findall(_JOINED.sub("", path.read_text()))
    ]
    assert not bare


def test_the_rule_finds_one_that_is_not() -> None:
    text = 'f"mend it with `python -m serving restore {n} "\n    f"--base-path {base}` now"'
    assert _BARE.search(_JOINED.sub("", text))
    assert not _BARE.search(_JOINED.sub("", text.replace("{base}", "{shlex.quote(base)}")))
