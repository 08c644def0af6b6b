"""The digest of a user's function changes with what it does, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.code.reach import digest

MINE = '''
"""My pets."""
import os
import tf_keras
from . import shared
from .layers import block, other
from pets.words import *

WIDTH = 8
DEPTH = 2
os.environ["A"] = "b"


class Model(tf_keras.Model):
    """A model."""

    def __init__(self, width):
        super().__init__()
        self.width = width * DEPTH


def helper(x):
    return x + 1


def preprocess(features):
    """Halves."""
    return {"half": features["fare"] / shared.halves(features), "few": STOP}


def network(features, outputs):
    # The heart of it.
    return Model(WIDTH + block(outputs))


def examples(path):
    from pets import reading

    yield from reading.rows(path)


if __name__ == "__main__":
    print(network({}, 3))
'''
FILES = {
    "mine.py": MINE,
    "__init__.py": "",
    "shared.py": "TWO = 2\ndef halves(x):\n    return TWO\ndef thirds(x):\n    return 3\n",
    "layers.py": "def block(n):\n    return deeper(n)\ndef deeper(n):\n    return n\nother = 1\n",
    "words.py": "from pathlib import Path\nHERE = Path(__file__).parent\n"
    "STOP = (HERE / 'stop.txt').read_text()\nMANY = 3\n",
    "stop.txt": "the a",
    "reading.py": "def rows(path):\n    return eval('path')\nunseen = 1\n",
    "unused.py": "x = 1\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / "pets").mkdir(exist_ok=True)
        (tmp_path / "pets" / name).write_text(text)
    return tmp_path


def digests(root: Path) -> dict[str, str]:
    functions = ("examples", "preprocess", "network")
    return {name: digest("pets.mine", name, root) for name in functions}


@pytest.mark.medium
@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("mine.py", "# The heart of it.", "# Its heart.\n    # And more.", ""),
        ("mine.py", '"""Halves."""', '"""Halves the fare."""', ""),
        ("mine.py", '"""My pets."""', '"""Our pets."""\n\n\n', ""),
        ("mine.py", 'features["fare"] / shared', "features['fare']   /  shared", ""),
        ("mine.py", "print(network({}, 3))", "print(network({}, 4))", ""),
        ("mine.py", "return x + 1", "return x + 2", ""),
        ("mine.py", "WIDTH = 8", "WIDTH = 9", "network"),
        ("mine.py", "DEPTH = 2", "DEPTH = 3", "network"),
        ("mine.py", "WIDTH + block", "WIDTH * block", "network"),
        ("mine.py", '"half"', '"whole"', "preprocess"),
        (
            "mine.py",
            'os.environ["A"] = "b"',
            'os.environ["A"] = "c"',
            "examples network preprocess",
        ),
        ("shared.py", "TWO = 2", "TWO = 3", "preprocess"),
        ("shared.py", "return 3", "return 4", ""),
        ("layers.py", "return n\n", "return n + 1\n", "network"),
        ("layers.py", "other = 1", "other = 2", ""),
        ("words.py", "MANY = 3", "MANY = 4", ""),
        ("words.py", "STOP = (", "STOP = 'x' + (", "preprocess"),
        ("stop.txt", "the a", "the an", "preprocess"),
        ("reading.py", "unseen = 1", "unseen = 2", "examples"),
        ("unused.py", "x = 1", "x = 2", ""),
    ],
)
def test_an_edit_reaches_exactly_the_functions_behind_which_it_stands(
    root: Path, file: str, old: str, new: str, changed: str
) -> None:
    before = digests(root)
    path = root / "pets" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    after = digests(root)
    assert " ".join(sorted(name for name in after if after[name] != before[name])) == changed


def test_the_place_of_the_folder_does_not_count(root: Path, tmp_path: Path) -> None:
    before = digests(root)
    (root / "pets").rename(tmp_path / "moved")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "moved").rename(tmp_path / "elsewhere" / "pets")
    assert digests(tmp_path / "elsewhere") == before


def test_code_of_this_project_counts_as_a_whole(root: Path) -> None:
    path = root / "pets" / "mine.py"
    path.write_text(
        "from models.features import packing\ndef network(f, o):\n    return packing.x\n"
    )
    one = digest("pets.mine", "network", root)
    path.write_text("from models.features import parts\ndef network(f, o):\n    return parts.x\n")
    assert digest("pets.mine", "network", root) != one


def test_modules_may_import_each_other(root: Path) -> None:
    (root / "pets" / "mine.py").write_text("from pets import b\ndef network(f, o):\n    b.x()\n")
    (root / "pets" / "b.py").write_text("from pets import mine\ndef x():\n    mine.network()\n")
    assert len(digest("pets.mine", "network", root)) == 64
