"""Functions of a user's file: found by their dotted names, and blamed for what they raise."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from documents.settings.section import Section
from documents.shown import shown

EXAMPLES, PREPROCESS, NETWORK, SEARCH = FUNCTIONS = (
    "examples",
    "preprocess",
    "network",
    "search",
)
"""What a file may define."""
_LONGEST_REASON = 400
_MOST_SHAPES = 8


class UserCodeError(RuntimeError):
    """A function of the user's failed, or gave what cannot be used; the message points at it."""


class UserFunction(Section):
    """A function of a user's file, as nodes are told of it."""

    module: str
    """Dotted name."""
    function: str
    digest: str = ""
    """Of all that it reaches, so that TFX's cache notices an edit."""

    @property
    def title(self) -> str:
        """For people: `network in pets/mine.py`."""
        return f"{self.function} in {self.module.replace('.', '/')}.py"

    def load(self) -> Callable[..., Any]:
        """The function itself.

        Raises:
          UserCodeError: the file cannot be imported, or does not define it.
        """
        try:
            module = importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            if error.name and self.module.startswith(error.name):
                raise UserCodeError(
                    f"There is no module {self.module}: put the folder of the settings' `code`"
                    " where this process looks for modules, for example into the image."
                ) from error
            raise UserCodeError(f"{self.title}: {_told(error, self.module)}") from error
        except Exception as error:
            raise UserCodeError(f"{self.title}: {_told(error, self.module)}") from error
        found: Callable[..., Any] | None = getattr(module, self.function, None)
        if not callable(found):
            raise UserCodeError(
                f"{self.module} defines no function {self.function}: define it again, or start the"
                " run again without it."
            )
        return found

    def knows(self, package: str) -> bool:
        """Whether the loaded file imports that package, or something from it."""
        values = vars(sys.modules[self.module]).values() if self.module in sys.modules else ()
        names = (getattr(value, "__module__", None) or _name(value) for value in values)
        return any(str(name).split(".")[0] == package for name in names)

    @contextlib.contextmanager
    def blamed(self) -> Iterator[None]:
        """Whatever is raised inside is told with the user's line.

        Raises:
          UserCodeError: something was.
        """
        try:
            yield
        except UserCodeError:
            raise
        except Exception as error:
            raise UserCodeError(f"{self.title}: {_told(error, self.module)}") from error


def functions_of(config: Mapping[str, Any]) -> dict[str, UserFunction]:
    """The user's functions that a node is told of in its custom_config."""
    return {name: UserFunction(**told) for name, told in (config.get("code") or {}).items()}


def _name(value: Any) -> str:
    return str(getattr(value, "__name__", ""))


def _told(error: BaseException, module: str) -> str:
    """What happened, at which line of the user's, and the shapes around it."""
    reason = f"{type(error).__name__}: {' '.join(_text(error).split())}".rstrip(": ")
    reason = shown(reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…")
    reason = reason.rstrip(".")
    if isinstance(error, SyntaxError) and error.lineno:
        return (
            f"line {error.lineno} is no Python ({error.msg}): {shown((error.text or '').strip())}"
        )
    found = _frame(error, module)
    if found is None:
        return f"{reason}{_keras_3(error)}."
    path, line, function, frame = found
    source = shown(linecache.getline(path, line).strip())
    where = f"{os.path.basename(path)}:{line} in {function}: `{source}` raised {reason}"
    shapes = _shapes(frame)
    around = f"; around it {', '.join(shapes)}" if shapes else ""
    return f"{where}{around}{_keras_3(error)}."


def _text(error: BaseException) -> str:
    # TensorFlow puts what is wrong behind a line about the layer.
    return str(getattr(error, "message", None) or error)


def _frame(error: BaseException, module: str) -> tuple[str, int, str, FrameType] | None:
    """The deepest line of the user's folder in the trace, or in those behind it."""
    folder = _folder(module)
    chain: BaseException | None = error
    while chain is not None:
        for frame, line in reversed([*traceback.walk_tb(chain.__traceback__)]):
            path = frame.f_code.co_filename
            if folder and os.path.abspath(path).startswith(folder + os.sep):
                return path, line, frame.f_code.co_name, frame
        chain = chain.__cause__ or chain.__context__
    return None


def _folder(module: str) -> str | None:
    spec = importlib.util.find_spec(module.split(".")[0])
    places = list(spec.submodule_search_locations or ()) if spec else []
    return os.path.abspath(places[0]) if places else None


def _shapes(frame: FrameType) -> list[str]:
    """The tensors that the line could see: `x float32 [None, 8]`."""
    found = []
    for name, value in frame.f_locals.items():
        items = (
            [(f"{name}[{key!r}]", item) for key, item in value.items()]
            if isinstance(value, Mapping)
            else [(name, value)]
        )
        for title, item in items:
            shape, dtype = getattr(item, "shape", None), getattr(item, "dtype", None)
            if shape is not None and dtype is not None:
                kind = getattr(dtype, "name", str(dtype))
                found.append(f"{shown(title)} {kind} {_sizes(shape)}")
    more = f" and {len(found) - _MOST_SHAPES} more"
    return found[:_MOST_SHAPES] + ([more] if len(found) > _MOST_SHAPES else [])


def _sizes(shape: Any) -> str:
    try:
        return f"[{', '.join(str(size) for size in shape)}]"
    except (TypeError, ValueError):  # Of unknown rank.
        return "[…]"


def _keras_3(error: BaseException) -> str:
    """What to do where layers of Keras 3 met tensors of Keras 2."""
    chain: BaseException | None = error
    while chain is not None:
        for frame, _ in traceback.walk_tb(chain.__traceback__):
            if str(frame.f_globals.get("__name__", "")).startswith("keras."):
                return f"; {KERAS_3}"
        chain = chain.__cause__ or chain.__context__
    return ""


KERAS_3 = (
    "these are layers of Keras 3, and models here are of Keras 2: write `import tf_keras as keras`"
    " instead of `import keras`, and `from tf_keras import layers`"
)
"""The end of a sentence."""


def python_path(root: Path) -> str:
    """PYTHONPATH with the folder `root` at its end, for processes that are started from here."""
    before = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return os.pathsep.join([*(entry for entry in before if entry != str(root)), str(root)])
