"""Options that commands have alike."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.run_arguments import add_config, add_overrides


def test_the_default_settings_are_there_and_overrides_add_up() -> None:
    parser = argparse.ArgumentParser()
    add_config(parser, "settings")
    add_overrides(parser, "override one")
    plain = parser.parse_args([])
    assert plain.config.is_file()
    assert plain.overrides == []
    given = parser.parse_args(["--config", "a.yaml", "--set", "a=1", "--set", "b=2"])
    assert (given.config, given.overrides) == (Path("a.yaml"), ["a=1", "b=2"])
