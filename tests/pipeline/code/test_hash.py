"""The code hash changes with what a module depends on, and with nothing else."""

from pathlib import Path

import pytest

from pipeline.code.hash import code_hash


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "models/__init__.py": "",
        "models/network.py": "from models.shapes import SIZE\n",
        "models/shapes.py": "import numpy\nSIZE = 28\n",
        "models/other.py": "x = 1\n",
        "models/page.py": "TEMPLATE = 'page.html.j2'\n",
        "models/page.html.j2": "<p>{{ text }}</p>",
        "models/unused.html.j2": "",
        "serving/__init__.py": "from serving import launch\n",
        "serving/launch.py": "def start():\n    from models import other\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("edited", "module", "changes"),
    [
        ("models/network.py", "models.network", True),
        ("models/shapes.py", "models.network", True),
        ("models/other.py", "models.network", False),
        ("models/other.py", "serving.launch", True),
        ("serving/launch.py", "serving", True),
        ("serving/launch.py", "models.network", False),
        ("models/page.html.j2", "models.page", True),
        ("models/unused.html.j2", "models.page", False),
    ],
)
def test_an_edit_changes_the_hash_of_exactly_what_imports_it(
    project: Path, edited: str, module: str, changes: bool
):
    before = code_hash(module, root=project)
    (project / edited).write_text((project / edited).read_text() + "\n# edited\n")
    assert (code_hash(module, root=project) != before) is changes


@pytest.mark.parametrize(
    "text",
    [
        "from models import (  # (both)\n    other,\n    page,\n)\n",
        "from models import (\n    other as first,\n    page,\n)\n",
        "import numpy; import models.other\n",
        "if True: from models import other\n",
        "def f():\n\tfrom models.other import x\n",
        "from models import page, \\\n    other\n",
        "try:\n    import models.other as o\nexcept ImportError:\n    o = None\n",
        "'''Why\nimport is late here'''\nimport models.other\n",
        "import os  # not import sys\nimport models.other\n",
    ],
)
def test_an_import_is_seen_however_it_is_written(project: Path, text: str):
    (project / "models/network.py").write_text(text)
    before = code_hash("models.network", root=project)
    (project / "models/other.py").write_text("x = 2\n")
    assert code_hash("models.network", root=project) != before


@pytest.mark.parametrize(
    "text", ["'''\nfrom models import other\nis late'''\n", "# import models.other\n"]
)
def test_what_only_tells_of_an_import_is_none(project: Path, text: str):
    (project / "models/network.py").write_text(text)
    before = code_hash("models.network", root=project)
    (project / "models/other.py").write_text("x = 2\n")
    assert code_hash("models.network", root=project) == before


def test_the_order_of_modules_does_not_matter(project: Path):
    assert code_hash("models.network", "models.other", root=project) == code_hash(
        "models.other", "models.network", root=project
    )


def test_a_module_without_a_source_is_an_error(project: Path):
    with pytest.raises(ModuleNotFoundError, match=r"models\.nothing"):
        code_hash("models.nothing", root=project)
