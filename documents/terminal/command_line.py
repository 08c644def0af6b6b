"""The command line of a program: a mistake in it is one sentence, with the nearest right word."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from documents.terminal.console import MISTAKE


class CommandLine(argparse.ArgumentParser):
    """Ends the process with exit code 2 where argparse would, and its commands are of this kind.

    argparse prints the whole usage above what is wrong, which of some commands is longer than a
    screen, tells what is missing before what was misspelt, and knows no nearest word.
    """

    words: Sequence[str] = ()
    """Commands that the program takes off before it parses."""
    _given: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuses what is left over in a command too, of which argparse tells as of the whole."""
        self._given = list(sys.argv[1:] if args is None else args)
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error(self._unknown(left[0]))
        return found, left

    def error(self, message: str) -> NoReturn:
        """Prints what is wrong, an option that is misspelt before all else, and ends with 2."""
        misspelt = next(filter(self._is_misspelt, self._options()), None)
        if misspelt is not None:
            message = self._unknown(misspelt)
        command = self.prog if self.prog.startswith("python ") else f"python {self.prog}"
        pause = "" if message.endswith(("?", ".")) else ";"
        self.exit(MISTAKE, f"{self.prog}: {message}{pause} `{command} --help` tells more.\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(choice) for choice in action.choices]
            close = _closest(str(value), known)
            hint = f"did you mean {close}?" if close else f"choose among {', '.join(known)}"
            raise argparse.ArgumentError(action, f"{value!r} is none; {hint}")

    def _options(self) -> Iterable[str]:
        """The long options that were given; behind `--` there are none, nor behind a command."""
        for word in self._given:
            if word == "--" or (self._subparsers is not None and not word.startswith("-")):
                return
            if word.startswith("--"):
                yield word.partition("=")[0]

    def _is_misspelt(self, option: str) -> bool:
        # One with a blank is a value to argparse, and the beginning of one does for the whole.
        known = self._option_string_actions
        return " " not in option and not any(name.startswith(option) for name in known)

    def _unknown(self, word: str) -> str:
        if word.startswith("-"):
            name = word.partition("=")[0]
            close = _closest(name, self._option_string_actions)
            return f"there is no option {name}" + (f"; did you mean {close}?" if close else "")
        close = _closest(word, self.words)
        return f"{word!r} is not understood" + (f"; did you mean {close}?" if close else "")


def _closest(word: str, known: Iterable[str]) -> str | None:
    """The one that is meant; dashes before it do not count."""
    bare = {name.lstrip("-"): name for name in known}
    close = difflib.get_close_matches(word.lstrip("-"), bare, n=1)
    return bare[close[0]] if close else None
