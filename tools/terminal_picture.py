"""Makes a picture of a terminal in docs/images from what a command printed.

usage: make kubeflow | .venv/bin/python -m tools.terminal_picture kubeflow "make kubeflow"
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from documents.terminal.command_line import CommandLine

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def picture(name: str, command: str, printed: str) -> str:
    """An SVG file of a terminal that is as wide as its longest line.

    Args:
      name: of the picture, which its styles begin with, so that two fit on one page.
      command: that was given.
      printed: by it; colours are those of its escape sequences.
    """
    shown = Text.from_ansi(f"$ {command}\n{printed.rstrip()}")
    width = max(cell_len(line.plain) for line in shown.split("\n"))
    console = Console(record=True, file=io.StringIO(), width=width, legacy_windows=False)
    console.print(shown)
    svg = console.export_svg(title=command, unique_id=name)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())


def main() -> None:
    parser = CommandLine(
        prog="python -m tools.terminal_picture",
        description="Makes a picture of a terminal in docs/images from standard input.",
        epilog='example: make kubeflow | .venv/bin/python -m tools.terminal_picture kubeflow "make'
        ' kubeflow"',
    )
    parser.add_argument("name", help="of the picture, without .svg")
    parser.add_argument("command", help="that printed it")
    options = parser.parse_args()
    path = IMAGES / f"{options.name}.svg"
    path.write_text(
        picture(options.name, options.command, sys.stdin.read()),
        encoding="utf-8",
    )
    print(path)


if __name__ == "__main__":
    main()
