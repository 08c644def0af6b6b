"""Which pages the site has, and where their links lead; the build itself is `make docs`."""

from __future__ import annotations

import ast
import re

import pytest
import yaml

from tools.site import API, PAGES, REPOSITORY, api_page, linked, moved, placed

WRITTEN = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")
NAVIGATION = WRITTEN.partition("\nnav:")[2]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("README.md", "index.md"),
        ("docs/cache.md", "cache.md"),
        ("docs/decisions/README.md", "decisions/README.md"),
        ("configs/taxi.yaml", "configs/taxi.yaml"),
    ],
)
def test_docs_are_the_top_of_the_site(path, place):
    assert placed(path) == place


@pytest.mark.parametrize(
    ("page", "text", "site"),
    [
        ("README.md", "[a](docs/cache.md)", "[a](cache.md)"),
        ("docs/cache.md", "[a](../README.md#x)", "[a](index.md#x)"),
        ("docs/cache.md", "![a](images/run.svg)", "![a](images/run.svg)"),
        ("docs/decisions/README.md", "[a](../cache.md)", "[a](../cache.md)"),
        ("docs/decisions/tf_keras.md", "[a](../../LICENSE)", "[a](../LICENSE)"),
        ("docker/README.md", "[a](../docs/kubeflow.md)", "[a](../kubeflow.md)"),
        ("docs/cache.md", "[a](https://example.com/b.md)", "[a](https://example.com/b.md)"),
        ("docs/cache.md", "[a](#x)", "[a](#x)"),
        (
            "docs/cache.md",
            "```\n[a](../b)\n```\n[a](../b)\n",
            "```\n[a](../b)\n```\n[a](b)\n",
        ),
    ],
)
def test_links_lead_to_where_files_stand_in_the_site(page, text, site):
    assert moved(text, page) == site


def test_files_that_a_page_links_to_are_named_from_the_top():
    text = "[a](../configs/taxi.yaml) [b](cache.md#x) [c](https://example.com)\n```\n[d](e)\n```\n"
    assert linked(text, "docs/data.md") == ["configs/taxi.yaml", "docs/cache.md"]


def test_a_package_is_a_page_of_its_modules(tmp_path):
    (tmp_path / "rooms" / "c").mkdir(parents=True)
    for name in ("__init__.py", "_hidden.py", "b.py", "a.py", "c/__init__.py", "c/d.py"):
        (tmp_path / "rooms" / name).touch()
    page = api_page("Rooms", ("rooms",), tmp_path)
    assert page == "# Rooms\n\n::: rooms.a\n\n::: rooms.b\n\n::: rooms.c.d\n"


@pytest.mark.parametrize("name", API)
def test_modules_of_the_api_are_there(name):
    title, modules = API[name]
    page = api_page(title, modules)
    assert all(f"::: {module}" in page for module in modules)


def test_no_module_is_on_two_pages_of_the_api():
    """The build refuses a name with two places."""
    pages = [api_page(title, names) for title, names in API.values()]
    found = [name for page in pages for name in re.findall(r"^::: (\S+)$", page, re.MULTILINE)]
    assert "documents.cells.cell" in found
    assert len(found) == len({*found})


def test_every_page_is_in_the_navigation():
    pages = [placed(page) for page in ("README.md", *PAGES)]
    pages += [
        str(path.relative_to(REPOSITORY / "docs")) for path in (REPOSITORY / "docs").rglob("*.md")
    ]
    pages += [f"api/{name}.md" for name in API]
    shown = re.findall(r"[\w/]+\.md", NAVIGATION)
    assert sorted(shown) == sorted(pages)


def test_what_the_build_forgives_is_nothing():
    settings = yaml.safe_load(WRITTEN.partition("\nnav:")[0])
    assert settings["strict"] is True
    assert set(settings["validation"].values()) == {"warn"}
    assert settings["theme"]["font"] is False


def test_all_that_the_api_has_says_what_it_is():
    silent = []
    for title, names in API.values():
        for module in re.findall(r"^::: (\S+)$", api_page(title, names), re.MULTILINE):
            path = REPOSITORY.joinpath(*module.split(".")).with_suffix(".py")
            syntax = ast.parse(path.read_text(encoding="utf-8"))
            classes = [node for node in syntax.body if isinstance(node, ast.ClassDef)]
            inside = [node for each in classes if each.name[0] != "_" for node in each.body]
            silent += [
                f"{module}.{node.name}"
                for node in (*syntax.body, *inside)
                if isinstance(node, ast.ClassDef | ast.FunctionDef)
                and node.name[0] != "_"
                and not ast.get_docstring(node)
            ]
    assert silent == []
