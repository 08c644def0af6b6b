"""The file of code that settings name: what it defines, and where modules look for it."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from documents.settings.section import short
from models.user_code import (
    EXAMPLES,
    FUNCTIONS,
    NETWORK,
    PREPROCESS,
    SEARCH,
    UserFunction,
    python_path,
)
from pipeline.code.hash import PACKAGES
from pipeline.code.reach import digest
from pipeline.files.paths import local_path
from pipeline.sections.data import CODE

_ARGUMENTS = {
    EXAMPLES: ("path",),
    PREPROCESS: ("features",),
    NETWORK: ("features", "outputs"),
    SEARCH: ("space",),
}


class CodeError(ValueError):
    """The file of code cannot be used; the message is a sentence."""


@dataclasses.dataclass(frozen=True)
class UserCode:
    """A file with up to four functions."""

    path: Path
    functions: Mapping[str, UserFunction]
    """By the name of the function, those that it defines."""

    @property
    def root(self) -> Path:
        """The folder in which its package lies."""
        return self.path.parent.parent

    def make_importable(self) -> None:
        """Has this process, and those that it starts, find the module; it shadows no other."""
        if str(self.root) not in sys.path:
            sys.path.append(str(self.root))
        os.environ["PYTHONPATH"] = python_path(self.root)


def fitting_code(
    code: Path | None, config: Path, form: str, modules: Sequence[str] = ()
) -> UserCode | None:
    """The file that settings name, where it fits the others of them; None where they name none.

    Args:
      config: the file of the settings.
      form: `data.format`.
      modules: the settings that name TensorFlow Hub modules.

    Raises:
      CodeError: it does not, or cannot be used; the message follows the word Setting.
    """
    if code is None:
        if form == CODE:
            raise CodeError("`data.format` = 'code' needs `code`: a file with examples(path).")
        return None
    found = read_code(find_code(code, local_path(str(config))))
    reads, path = EXAMPLES in found.functions, short(found.path, 300)
    if reads and form != CODE:
        raise CodeError(
            f"`data.format` = {form!r} leaves examples(path) in {path} unused; set it to code, or"
            " take the function away."
        )
    if form == CODE and not reads:
        raise CodeError(f"`data.format` = 'code' needs examples(path) in {path}.")
    if modules and NETWORK in found.functions:
        raise CodeError(
            f"`{short(modules[0], 300)}` is for the network that this project makes, and {path}"
            " defines network; load the module there, or leave one of them out."
        )
    return found


def find_code(code: Path, config: Path) -> Path:
    """The file: below the current folder as any path, else beside the settings.

    Raises:
      CodeError: there is none.
    """
    candidates = [code, config.parent / code, config.parent.parent / code]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise CodeError(
            f"code = {short(code, 300)} is no file, neither here nor beside the settings; write"
            " its path, or make one with `python local_runner.py init … --code`."
        )
    return Path(os.path.abspath(found))


def read_code(path: Path) -> UserCode:
    """Looks at the source, without running it.

    Raises:
      CodeError: it is no Python, defines none of the functions, or lies where it cannot be
        imported from.
    """
    package = path.parent.name
    demand_importable(path)
    module = f"{package}.{path.stem}"
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        raise CodeError(
            f"code = {short(path, 300)} is no Python: line {error.lineno}, {error.msg}."
        ) from error
    except (OSError, ValueError) as error:
        raise CodeError(f"code = {short(path, 300)} cannot be read: {error}.") from error
    found = {
        each.name: each
        for each in tree.body
        if isinstance(each, ast.FunctionDef) and each.name in FUNCTIONS
    }
    if not found:
        raise CodeError(
            f"code = {short(path, 300)} defines no {' or '.join(map(_signature, FUNCTIONS))};"
            " define at least one of them, or leave code out."
        )
    for name, definition in found.items():
        _demand_arguments(path, name, definition)
    try:
        functions = {
            name: UserFunction(
                module=module, function=name, digest=digest(module, name, path.parent.parent)
            )
            for name in found
        }
    except SyntaxError as error:
        raise CodeError(
            f"{short(error.filename, 300)}, which code = {short(path.name)} imports, is no Python:"
            f" line {error.lineno}, {error.msg}."
        ) from error
    return UserCode(path, functions)


def demand_importable(path: Path) -> None:
    """Whether a module at `path` would be found by a name of its own, be it there or not.

    Raises:
      CodeError: it would not.
    """
    package = path.parent.name
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise CodeError(
            f"code = {short(path, 300)} is no module; call the file by letters, digits and _, with"
            " the ending .py, for example mine.py."
        )
    if not package.isidentifier():
        raise CodeError(
            f"code = {short(path, 300)} lies in a folder called {short(repr(package))}, from which"
            " nothing can be imported; call it by letters, digits and _."
        )
    if package in PACKAGES or package in sys.stdlib_module_names or _is_elsewhere(path, package):
        raise CodeError(
            f"code = {short(path, 300)} lies in a folder called {package}, as a package is that is"
            " installed; rename the folder."
        )


def _is_elsewhere(path: Path, package: str) -> bool:
    """Whether modules of that package would come from another folder."""
    if package in sys.modules and not getattr(sys.modules[package], "__path__", None):
        return True
    spec = importlib.util.find_spec(package)
    if spec is None:
        return False
    places = [os.path.realpath(place) for place in spec.submodule_search_locations or ()]
    return bool(not places or places[0] != os.path.realpath(path.parent))


def _signature(name: str) -> str:
    return f"{name}({', '.join(_ARGUMENTS[name])})"


def _demand_arguments(path: Path, name: str, definition: ast.FunctionDef) -> None:
    arguments = definition.args
    given = len(arguments.posonlyargs) + len(arguments.args)
    wanted = len(_ARGUMENTS[name])
    least = given - len(arguments.defaults)
    must = [
        each.arg
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None
    ]
    if not must and least <= wanted and (given >= wanted or arguments.vararg):
        return
    raise CodeError(
        f"code = {short(path, 300)}, line {definition.lineno}: {name} is called as"
        f" {_signature(name)}; give it these arguments."
    )
