"""A proposal leaves the file alone until it is told to write."""

from __future__ import annotations

import shutil

import pytest

from pipeline.settings import REPOSITORY, SettingsError, load_settings
from pipeline.tune.proposal import propose, write
from tests.there import there

SETTINGS = {"training.dropout": 0.2, "training.widths": [64, 64]}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "taxi.yaml"
    shutil.copy(REPOSITORY / "configs" / "taxi.yaml", path)
    path.chmod(0o640)
    return path


def test_reads_only(config):
    before = config.read_bytes()

    proposal = propose(SETTINGS, config, ["training.epochs=3"])

    assert config.read_bytes() == before
    assert "+  dropout: 0.2" in proposal.diff
    assert proposal.options == ("--set training.dropout=0.2", "--set 'training.widths=[64, 64]'")


def test_its_options_are_settings(config):
    proposal = propose(SETTINGS, config, [])

    settings = load_settings(
        config,
        [
            option.split("=", 1)[0][6:].strip("'") + "=" + option.split("=", 1)[1].rstrip("'")
            for option in proposal.options
        ],
    )

    assert (settings.training.dropout, settings.training.widths) == (0.2, [64, 64])


def test_writes_when_it_is_told_to(config):
    proposal = write(propose(SETTINGS, config, []))

    assert proposal.is_written
    assert load_settings(config).training.widths == [64, 64]
    assert "# Numbers without a meaning of more and less." in config.read_text()
    assert config.stat().st_mode & 0o777 == 0o640


def test_what_would_be_refused_is_taken_back(config):
    before = config.read_bytes()
    wrong = propose({"training.options.units": 3}, config, [])

    with pytest.raises(SettingsError, match="define network in `code`"):
        write(wrong)

    assert config.read_bytes() == before


def test_what_the_command_sets_itself_stands_in_no_file(config):
    proposal = propose(SETTINGS, config, ["training.dropout=0.3"])

    assert not proposal.diff
    assert "--set training.dropout of this command" in there(proposal.reason)


def test_nothing_to_propose(config):
    assert propose({}, config, []).options == ()
