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
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    name, command = sys.argv[1:]
    path = IMAGES / f"{name}.svg"
    path.write_text(picture(name, command, sys.stdin.read()), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
