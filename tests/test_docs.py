"""Every command in the documentation exists, with every option it is given."""

from __future__ import annotations

import functools
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pydantic
import pytest

from pipeline.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
PAGES = [
    *DOCS,
    *(REPOSITORY / name for name in ("CONTRIBUTING.md", "SECURITY.md")),
    *(
        page
        for room in ("configs", "docker", "models", "serving")
        for page in sorted((REPOSITORY / room).rglob("*.md"))
    ),
]
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LONGEST_LINE = 135
"""Of prose, so that a difference shows what changed in it."""
MODULES = r"(?:serving|inspection|models|benchmarks|tools|tests\.faults|pipeline\.kubeflow)"
PROGRAMS = rf"python (?:-m {MODULES}(?:\.\w+)*|(?:local|kubeflow)_runner\.py)"


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text().replace("\\\n", " ")
        blocks = FENCED.findall(text)
        lines = [line for block in blocks for line in block.splitlines()]
        # One in the midst of prose may be broken where a line of the page is.
        prose = re.sub(r"(?<!\n)\n(?!\n)", " ", FENCED.sub("", text))
        lines += re.findall(r"`([^`\n]+)`", prose)
        for line in lines:
            match = re.search(rf"{PROGRAMS}(?: .*)?", line)
            if match:
                found.append((page.name, match.group()))
    return sorted(set(found))


HELPING = """
import contextlib, io, json, runpy, sys
for line in sys.stdin:
    program = json.loads(line)
    is_module = program[0] == "-m"
    sys.argv[:] = [*program[is_module:], "--help"]
    code, printed = None, io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            (runpy.run_module if is_module else runpy.run_path)(sys.argv[0], run_name="__main__")
        except SystemExit as ended:
            code = ended.code
    print(json.dumps([code, printed.getvalue()]), flush=True)
"""
"""Is one program after another: to start each of them takes fifteen seconds together."""


@functools.cache
def helping() -> subprocess.Popen[str]:
    """It ends with this process."""
    return subprocess.Popen(
        [sys.executable, "-c", HELPING],
        cwd=REPOSITORY,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@functools.cache
def usage(program: tuple[str, ...]) -> str:
    asked, answered = helping().stdin, helping().stdout
    assert asked is not None
    assert answered is not None
    asked.write(f"{json.dumps(program)}\n")
    asked.flush()
    code, said = json.loads(answered.readline())
    # tensorflow_model_server's own answer to --help is 255, and so is ours.
    expected = 255 if program == ("-m", "serving.server") else 0
    assert code == expected, f"{' '.join(program)}: {said}"
    return said


@pytest.mark.medium
@pytest.mark.parametrize(("page", "command"), commands())
def test_every_command_has_the_options_it_is_given(page, command):
    words = shlex.split(re.split(r"\s[|<>]|\s{2,}#", command)[0], comments=True)[1:]
    start = 2 if words[0] == "-m" else 1
    program, rest = words[:start], words[start:]
    if rest and not rest[0].startswith(("-", "[")) and rest[0].isidentifier() | ("-" in rest[0]):
        program.append(rest.pop(0))
        # Such as `schedule create`.
        if rest and re.search(rf"^    {re.escape(rest[0])}\s", usage(tuple(program)), re.MULTILINE):
            program.append(rest.pop(0))
    for option in (word.split("=")[0] for word in rest if word.startswith("--")):
        assert option in usage(tuple(program)), f"{page}: {command}"
    assert usage(tuple(program))


MAKEFILE = (REPOSITORY / "Makefile").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_is_in_the_menu(page):
    menu = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    text = page.read_text()
    named = re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)
    assert set(named) <= menu


def makes() -> list[tuple[str, str, str]]:
    """Targets that start a program of ours, with what a page passes on."""
    found = []
    for page in [*PAGES, REPOSITORY / "Makefile"]:
        passed = re.findall(r"make ([a-z-]+) +ARGS=(\"[^\"]*\"|\S+)", page.read_text())
        found += [(page.name, target, given.strip('"`)')) for target, given in passed]
    return sorted(set(found))


@pytest.mark.medium
@pytest.mark.parametrize(("page", "target", "given"), makes())
def test_every_option_that_make_passes_on_exists(page, target, given):
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert recipe, f"{page}: make {target}"
    started = re.search(r"\$\(PYTHON\) (.*) \$\(ARGS\)", recipe[1])
    options = [word for word in shlex.split(given) if word.startswith("--")]
    if started and options:
        program = tuple(shlex.split(started[1].partition(" --")[0]))
        for option in options:
            assert option in usage(program), f"{page}: make {target} {given}"


def test_what_make_passes_on_is_looked_at():
    assert ("benchmarks.md", "bench", "--runs 1 --only a,c") in makes()
    assert len(makes()) > 8


@pytest.mark.medium
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_test_that_is_named_is_there():
    named = [
        found
        for page in PAGES
        for found in re.findall(r"pytest .*?(tests/\S+\.py)(?: -k (\w+))?", page.read_text())
    ]
    assert ("tests/serving/base_path/test_withdrawal.py", "roll_back") in named
    for path, word in named:
        assert re.search(rf"def test_\w*{word}", (REPOSITORY / path).read_text()), (path, word)


@pytest.mark.medium
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_source_that_is_named_with_its_folder_is_there(page):
    for path in re.findall(r"`((?:\w+/)+\w+\.py)`", page.read_text()):
        rooms = ("components", "documents", "inspection", "models", "pipeline", "serving", "tools")
        if path.split("/")[0] in rooms:
            assert (REPOSITORY / path).is_file(), f"{page.name}: {path}"


def test_every_picture_is_shown_and_those_of_pages_can_be_made_anew():
    pictures = {path.name for path in (REPOSITORY / "docs" / "images").iterdir()}
    shown = re.findall(r"images/([\w.]+)\)", "".join(page.read_text() for page in PAGES))
    assert {*shown} == pictures
    tool = (REPOSITORY / "tools" / "screenshots.py").read_text()
    made = {f"{name}.png" for name in re.findall(r'"(\w+)"', tool)}
    assert {name for name in pictures if name.endswith(".png")} <= made


@pytest.mark.medium
def test_every_setting_is_told_of():
    """One that no page names is of no use to anybody, or is none of theirs to set."""
    told = "".join(page.read_text() for page in DOCS)
    unsaid = {
        key for key in _keys(Settings) if not re.search(rf"\b{key.rpartition('.')[2]}\b", told)
    }
    assert not unsaid


def _keys(section: type[pydantic.BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        yield f"{prefix}{name}"
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, pydantic.BaseModel):
                yield from _keys(inner, f"{prefix}{name}.")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_are_of_a_length_that_differences_can_show(page):
    lines = FENCED.sub("", page.read_text()).splitlines()
    long = [line for line in lines if len(line) > LONGEST_LINE and line[:1] not in "|#"]
    assert not [line for line in long if not line.startswith("    ")]


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), [REPOSITORY / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.is_file():
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)#:]+?\.md)(?:#[^)]*)?\)", page.read_text())
        waiting += [(page.parent / target).resolve() for target in targets]
    assert set(DOCS) <= reached
