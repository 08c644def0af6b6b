"""Which files have no test at their place; `make mirror` fails where there are any.

The place of `documents/digest.py` is `tests/documents/test_digest.py`, or `test_digest_….py` beside
it, or a test of that folder that imports it. What is tested only through another file's
public surface is listed in tests/through.yaml, under the test that reaches it. A file that defines
no function has nothing to test.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import yaml

from documents.terminal.command_line import CommandLine

REPOSITORY = Path(__file__).resolve().parents[1]
ROOMS = (
    *("benchmarks", "components", "docker", "documents", "inspection", "models", "pipeline"),
    *("serving", "tools"),
)
THROUGH = "tests/through.yaml"
_DESCRIPTION = "Names the files that have no test at their place; exit code 1 where there are any."
_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)*\.?")


@dataclasses.dataclass(frozen=True)
class Project:
    """The files of a repository, as paths from its top."""

    root: Path
    sources: frozenset[str]
    tests: frozenset[str]

    @classmethod
    def of(cls, root: Path) -> Project:
        found = [path for room in ROOMS for path in (root / room).rglob("*.py")]
        runners = root.glob("*_runner.py")
        return cls(
            root,
            frozenset(path.relative_to(root).as_posix() for path in (*found, *runners)),
            frozenset(path.relative_to(root).as_posix() for path in (root / "tests").rglob("*.py")),
        )

    @functools.cached_property
    def untested(self) -> frozenset[str]:
        """Files with functions and without a test at their place."""
        return frozenset(filter(self._lacks_test, self.sources))

    def _lacks_test(self, source: str) -> bool:
        path = PurePosixPath(source)
        if path.name == "__init__.py" or not self._has_functions(source):
            return False
        folder = PurePosixPath("tests") / path.parent
        own = re.compile(
            rf"{re.escape(str(folder))}/test_{re.escape(path.stem.strip('_'))}(_\w+)?\.py"
        )
        return not any(
            own.fullmatch(test) or (test.startswith(f"{folder}/") and source in self.imported(test))
            for test in self.tests
        )

    def _has_functions(self, source: str) -> bool:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        return any(isinstance(node, kinds) for node in ast.walk(self._syntax(source)))

    @functools.cache  # noqa: B019 - one project a process
    def imported(self, path: str) -> frozenset[str]:
        """The files of the project that a file names in its imports, or in strings."""
        found = set()
        for name in _names(self._syntax(path)):
            place = name.replace(".", "/")
            found |= {f"{place}.py", f"{place}/__init__.py"}
            if name.endswith(".py"):  # started by its path
                found |= {name, str(PurePosixPath(path).parent / name)}
            if name.endswith("."):  # `f"serving.commands.{name}"`
                found |= {file for file in self.sources if file.rpartition("/")[0] + "/" == place}
        return frozenset(found & (self.sources | self.tests))

    def reached(self, test: str) -> frozenset[str]:
        """What a test and the fixtures of its folders import, what that imports, and so on."""
        found: set[str] = set()
        folders = PurePosixPath(test).parents
        waiting = [test, *(f"{folder}/conftest.py" for folder in folders)]
        waiting = [path for path in waiting if path in self.tests]
        while waiting:
            new = self.imported(waiting.pop()) - found
            found |= new
            waiting += new
        return frozenset(found)

    def _syntax(self, path: str) -> ast.Module:
        return ast.parse((self.root / path).read_bytes())


def _names(syntax: ast.Module) -> Iterator[str]:
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and _NAME.fullmatch(text):
            # What is imported by its name, or run as a module of that name.
            yield from (text, f"{text}.__main__")


def problems(project: Project, listed: Mapping[str, object]) -> list[str]:
    """What is wrong with the tests' places, a sentence each. Pure.

    Args:
      listed: the document of tests/through.yaml: `through` has files under the test that reaches
        each, `without` files under the reason why none is needed.
    """
    through, without = _sections(listed)
    said = [
        f"{source} has no test at its place: write tests/{_own(source)}, or list it in {THROUGH}"
        for source in sorted(project.untested - {*through, *without})
    ]
    said += [
        f"{THROUGH} lists {source}, which is gone: take it out"
        for source in sorted({*through, *without} - project.sources)
    ]
    for source, test in sorted(through.items()):
        if test not in project.tests:
            said.append(f"{THROUGH} names the test {test}, which is gone")
        elif source in project.sources and source not in project.reached(test):
            said.append(f"{THROUGH} says that {test} reaches {source}; it does not import it")
    return said


def _own(source: str) -> PurePosixPath:
    path = PurePosixPath(source)
    return path.with_name(f"test_{path.stem.strip('_')}.py")


def _sections(listed: Mapping[str, object]) -> tuple[dict[str, str], dict[str, str]]:
    """The file above which each file is listed, and the reason."""
    both = []
    for name in ("through", "without"):
        section = listed.get(name) or {}
        assert isinstance(section, dict), f"{THROUGH}: {name} is no mapping"
        both.append({source: key for key, sources in section.items() for source in sources})
    return both[0], both[1]


def main(arguments: Sequence[str]) -> int:
    """Prints what is wrong, and a summary; 1 where anything is wrong."""
    parser = CommandLine(prog="python -m tools.mirror", description=_DESCRIPTION)
    parser.add_argument("root", type=Path, nargs="?", default=REPOSITORY, help="another checkout")
    root = parser.parse_args(arguments).root
    listed = yaml.safe_load((root / THROUGH).read_text(encoding="utf-8"))
    project = Project.of(root)
    said = problems(project, listed)
    through, without = _sections(listed)
    for line in said:
        print(line)
    print(
        f"{len(project.sources)} files: {len(project.untested & {*through})} are tested through"
        f" another, {len(project.untested & {*without})} are not; the others have tests at their"
        " place or no function"
    )
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
