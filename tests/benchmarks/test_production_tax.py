"""The command line."""

from pathlib import Path

import pytest

from benchmarks.production_tax import main


def test_help_teaches(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = capsys.readouterr().out
    assert "exit codes:" in text
    assert "--only a,c" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--only", "a,d"], "'a,d': name some of a,b,c"), (["--runs", "0"], "0 is no number of")],
)
def test_a_mistaken_argument_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, "--output", str(tmp_path / "tax.json")])
    assert said in capsys.readouterr().err


def test_a_mistaken_setting_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    code = main(["--set", "training.epoch=1", "--output", str(tmp_path / "tax.json")])
    assert code == 2
    assert "did you mean `training.epochs`" in capsys.readouterr().err
    assert not (tmp_path / "tax.json").exists()
