from __future__ import annotations

import pytest

from documents.terminal.command_line import CommandLine


def parser() -> CommandLine:
    whole = CommandLine(prog="python -m some")
    whole.words = ("tune",)
    whole.add_argument("--json", action="store_true")
    commands = whole.add_subparsers(metavar="COMMAND")
    ask = commands.add_parser("versions")
    ask.add_argument("--verify", action="store_true")
    ask.add_argument("--keep", type=int)
    ask.add_argument("--target", choices=("oss", "vertex"))
    ask.add_argument("--image", required=True)
    return whole


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--jsn", "python -m some: there is no option --jsn; did you mean --json?"),
        ("-json", "python -m some: there is no option -json; did you mean --json?"),
        ("--frobnicate=1", "python -m some: there is no option --frobnicate;"),
        ("versons", "python -m some: argument COMMAND: 'versons' is none; did you mean versions?"),
        ("xyz", "python -m some: argument COMMAND: 'xyz' is none; choose among versions;"),
        ("versons --keep 3", "argument COMMAND: 'versons' is none; did you mean versions?"),
        # Of a command, and before what is missing.
        ("versions --verfy", "python -m some versions: there is no option --verfy; did you mean"),
        ("versions --imag --verfy --", "there is no option --verfy; did you mean --verify?"),
        ("versions --image i --keep x", "argument --keep: invalid int value: 'x';"),
        ("versions --image i --target vertx", "'vertx' is none; did you mean vertex?"),
        ("versions --image i --target gke", "'gke' is none; choose among oss, vertex;"),
        ("versions --verify", "the following arguments are required: --image;"),
        ("versions --image i more", "python -m some versions: 'more' is not understood;"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_nearest_right_word(
    capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(line.split())
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert printed.err.rstrip().endswith("--help` tells more.")


def test_a_command_that_is_taken_off_before_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    alone = CommandLine(prog="local_runner.py")
    alone.words = ("init", "tune")
    with pytest.raises(SystemExit):
        alone.parse_args(["tun"])
    assert capsys.readouterr().err == (
        "local_runner.py: 'tun' is not understood; did you mean tune?"
        " `python local_runner.py --help` tells more.\n"
    )


def test_what_is_right_is_taken() -> None:
    options = parser().parse_args(["versions", "--image=--odd name", "--keep", "3", "--verif"])
    assert (options.image, options.keep, options.verify) == ("--odd name", 3, True)
