"""Makes the table of configs/taxi.yaml: python -m tools.make_taxi [FILE]

The rows are those of TFX's own example, which lie in its installed package. Rule: they stay as
they are, and a column big_tipper is added, as that example derives it: yes where the tip is more
than a fifth of the fare, and no where it is not or the fare is unknown.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import sys
from pathlib import Path

TAXI = Path("workspace/taxi/trips.csv")
IN_PACKAGE = "examples/chicago_taxi_pipeline/data/simple/data.csv"
LABEL = "big_tipper"


def source() -> Path:
    """The table inside the installed TFX, which is not imported.

    Raises:
      FileNotFoundError: there is none.
    """
    found = importlib.util.find_spec("tfx")
    for folder in (found and found.submodule_search_locations) or ():
        path = Path(folder) / IN_PACKAGE
        if path.is_file():
            return path
    raise FileNotFoundError(f"No installed tfx holds {IN_PACKAGE}; run make setup.")


def big_tipper(tips: str, fare: str) -> str:
    """`yes` or `no`; an empty cell is unknown."""
    return "yes" if tips and fare and float(tips) > 0.2 * float(fare) else "no"


def make_taxi(read: Path, write: Path) -> int:
    """Writes the table with its label, as a whole or not at all; returns the number of rows."""
    write.parent.mkdir(parents=True, exist_ok=True)
    scratch = write.with_name(f".{write.name}.new")
    with (
        read.open(newline="", encoding="utf-8") as table,
        scratch.open("w", newline="", encoding="utf-8") as made,
    ):
        rows = csv.reader(table)
        names = next(rows)
        tips, fare = names.index("tips"), names.index("fare")
        writer = csv.writer(made, lineterminator="\n")
        writer.writerow([*names, LABEL])
        count = 0
        for row in rows:
            writer.writerow([*row, big_tipper(row[tips], row[fare])])
            count += 1
    scratch.replace(write)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, nargs="?", default=TAXI, help=f"default: {TAXI}")
    written = parser.parse_args().file
    try:
        count = make_taxi(source(), written)
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}." if error.filename else str(error))
    print(f"wrote {count:,} rows to {written}; next:")
    print("  python local_runner.py --config configs/taxi.yaml")


if __name__ == "__main__":
    main()
