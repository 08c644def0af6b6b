"""The packages of this project, wherever they are listed, and what may name what in a string."""

from __future__ import annotations

import ast
import functools
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from pipeline.beam_workers.canary import WorkersError, check_workers
from pipeline.code.hash import PACKAGES
from pipeline.settings import REPOSITORY

SHIPPED = {*PACKAGES, "inspection"}
"""What a wheel holds: all that nodes are made of, and the questions to them."""
HERE = {*SHIPPED, "benchmarks", "tools"}
MAY_NAME = {
    "documents": set(),
    "models": {"documents"},
    "serving": {"documents"},
    "components": {"documents", "models", "serving"},
    "pipeline": {"components", "documents", "models", "serving"},
    "inspection": {"documents", "serving"},
}
"""The contracts of import-linter, for names in strings, which it does not see."""
PROJECT = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")


def listed(key: str) -> set[str]:
    """A list of names in pyproject.toml."""
    [found] = re.findall(rf"^{key} = \[(.*?)\]", PROJECT, re.MULTILINE | re.DOTALL)
    return set(re.findall(r'"(\w+)"', found))


@functools.cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def sources(package: str) -> list[Path]:
    return sorted((REPOSITORY / package).rglob("*.py"))


def test_a_folder_of_modules_is_a_package_of_the_project():
    found = {path.parent.name for path in REPOSITORY.glob("*/__init__.py")}
    assert found == HERE


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """What each module imports anywhere in it: ours, and the first part of any other name."""
    graph = grimp.build_graph(*sorted(HERE), include_external_packages=True, cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


@pytest.mark.medium
def test_no_file_imports_itself_round_a_corner(imports):
    """Nor for types only: two files that name each other are one, or share a noun of its own."""
    graphlib.TopologicalSorter(imports).prepare()


@pytest.mark.medium
def test_folders_beside_each_other_do_not_need_each_other_both(imports):
    """What `__main__` starts is above it, wherever it lies."""
    needed: dict[str, set[str]] = {}
    for name, found in imports.items():
        if name.endswith("__main__"):
            continue
        for imported in found:
            here, there = beside(name, imported)
            if here != there and is_package(here) and is_package(there):
                needed.setdefault(here, set()).add(there)
    graphlib.TopologicalSorter(needed).prepare()


def beside(name: str, imported: str) -> tuple[str, str]:
    """The first parts in which two modules differ, and what both have in common before them."""
    here, there = name.split("."), imported.split(".")
    same = 0
    while same < min(len(here), len(there)) - 1 and here[same] == there[same]:
        same += 1
    return ".".join(here[: same + 1]), ".".join(there[: same + 1])


@functools.cache
def is_package(name: str) -> bool:
    return REPOSITORY.joinpath(*name.split("."), "__init__.py").is_file()


def test_what_several_files_of_tests_need_is_in_no_test_file():
    """It would hold more than its name says, and be run by whoever imports it."""
    taken = re.compile(r"^ *from (tests(?:\.\w+)*\.test_\w+) import", re.MULTILINE)
    wrong = [
        f"{path.relative_to(REPOSITORY)} imports from {name}"
        for path in sources("tests")
        for name in taken.findall(path.read_text(encoding="utf-8"))
        if name != ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    ]
    assert wrong == []


def test_no_code_behind_a_node_is_missing_from_the_code_hash(imports):
    """What a package of the hash imports of ours is in the hash too, or edits go unnoticed."""
    reached = {
        imported.split(".")[0]
        for name, found in imports.items()
        if name.split(".")[0] in PACKAGES
        for imported in found
    }
    ours = {path.parent.name for path in REPOSITORY.glob("*/*.py")}
    assert {"tests", "tools"} < ours
    assert reached & ours == {*PACKAGES}


def test_contracts_and_order_of_imports_know_every_package():
    assert listed("root_packages") == HERE
    assert listed("known-first-party") == {*HERE, "tests"}


@pytest.mark.medium
def test_the_wheel_and_the_source_distribution_have_what_is_shipped():
    code = (
        "import setuptools; setuptools.setup = lambda **fields: print(*fields['packages']);"
        " exec(open('setup.py').read())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert {name.split(".")[0] for name in done.stdout.split()} == {*SHIPPED, "configs"}


def test_the_image_has_the_packages_of_the_nodes():
    copied = re.findall(r"^COPY (\w+) \1/$", (REPOSITORY / "docker/Dockerfile").read_text(), re.M)
    assert set(copied) == {*PACKAGES, "configs"}
    kept = re.findall(r"^!(\w+)$", (REPOSITORY / ".dockerignore").read_text(), re.M)
    assert set(kept) == {*PACKAGES, "configs"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_worker_that_lacks_a_package_is_told_how_it_gets_it(package, tmp_path, monkeypatch):
    from pipeline.beam_workers import canary

    def fail(*_):
        raise RuntimeError(f"ModuleNotFoundError: No module named '{package}.a'")

    monkeypatch.setattr(canary, "_ask", fail)
    with pytest.raises(WorkersError, match=r"start them with pipeline/beam_workers/boot\.py"):
        check_workers(["--runner=DirectRunner"], str(tmp_path), endpoint=None, seconds=1)


@pytest.mark.medium
def test_a_module_that_a_string_names_is_there_and_may_be_named():
    names = re.compile(rf"(?:{'|'.join(SHIPPED)})(?:\.\w+){{2,}}|models\.\w+\.\w+")
    begun = re.compile(rf"[\"'](?:{'|'.join(SHIPPED)})\.")
    wrong = []
    for package, allowed in MAY_NAME.items():
        for path in sources(package):
            # Most files have no such string, and parsing them all takes seconds.
            if not begun.search(path.read_text(encoding="utf-8")):
                continue
            for node in ast.walk(syntax(path)):
                if not isinstance(node, ast.Constant):
                    continue
                text = node.value
                if not isinstance(text, str) or not names.fullmatch(text) or is_file(text):
                    continue
                room = text.split(".")[0]
                if not exists(text) or room not in {*allowed, package}:
                    wrong.append(f"{path.relative_to(REPOSITORY)}:{node.lineno} {text}")
    assert wrong == []


def is_file(text: str) -> bool:
    """Such as `models.html.j2`."""
    return text.endswith((".j2", ".json", ".yaml"))


def exists(name: str) -> bool:
    """Whether a dotted name is a module, or what a module defines."""
    path = REPOSITORY.joinpath(*name.split("."))
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module = path.parent.with_suffix(".py")
    if not module.is_file():
        return False
    defined = {getattr(node, "name", None) for node in ast.walk(syntax(module))}
    defined |= {node.id for node in ast.walk(syntax(module)) if isinstance(node, ast.Name)}
    return path.name in defined
