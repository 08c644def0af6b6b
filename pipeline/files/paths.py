"""Paths and addresses as people write them in settings and on the command line.

What cannot be a path is refused before anything is made of it, and `~` is the home folder as in a
shell, never a folder of that name.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import pydantic

from pipeline.files.home import home_folder

OBJECT_STORES = ("gs",)
"""Schemes that TensorFlow reads and writes as it is installed here, and therefore every node."""
STAGED = ("s3",)
"""Schemes that `serving.objects` reads and writes, and TensorFlow does not: there, executors work
on local copies of artifacts."""
BASE_PATHS = (*OBJECT_STORES, *STAGED)
"""Schemes of base paths, and of the pipeline roots of local runs."""

LONGEST_PATH = 4_095
"""Bytes, on Linux."""

_LONGEST_NAME = 255
ARTIFACTS = (
    "TFX takes the paths of artifacts for patterns, so that it could read another folder's files"
)
"""Why a path of artifacts may be no pattern."""

MODELS = (
    "TensorFlow takes the path of a model's variables for a pattern, so that it would not find them"
)
"""Why a path of a SavedModel may be no pattern: tensorflow/core/kernels/save_restore_v2_ops.cc."""

FOLDERS = (
    "the data are looked for below a folder: a pattern there would match other files than are meant"
)
"""Why the folder of data on a cluster may be no pattern."""

# Of TensorFlow's and of Beam's patterns; a closing bracket or braces alone mean nothing to them.
_PATTERN = re.compile(r"[*?[\\]")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
# `gs:/bucket` and `gs:bucket` would be folders here.
_BUCKETS = ("gs", "s3", "minio")
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_SMALLEST_BUCKET, _LONGEST_BUCKET, _LONGEST_PART = 3, 222, 63
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?://|/|$)")


def local_path(text: str) -> Path:
    """The path on this machine that `text` means, relative to the current folder if it is relative.

    Raises:
      ValueError: no path can read so; the message is the end of a sentence.
    """
    if text.lower().startswith("file://"):
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost"):
            raise ValueError(f"it names the machine {parts.netloc!r}; write file:///folder")
        text = unquote(parts.path)
    scheme = _SCHEME.match(text)
    if scheme:
        raise ValueError(f"it is an address with {scheme[1]}:, and only a path can be read here")
    return Path(_checked(text))


def address(text: str) -> str:
    """A path on this machine, or an address in an object store.

    Raises:
      ValueError: neither can read so; the message is the end of a sentence.
    """
    return _address(text, OBJECT_STORES)


def base_path(text: str) -> str:
    """As `address`, where SavedModels lie.

    Raises:
      ValueError: none can; the message is the end of a sentence.
    """
    found = _address(text, BASE_PATHS)
    refuse_patterns(found, MODELS)
    return found


def pipeline_root(text: str) -> str:
    """An address in an object store, for artifacts of a local run.

    Raises:
      ValueError: it is none; the message is the end of a sentence.
    """
    if _SCHEME.match(text) is None or text.lower().startswith("file://"):
        raise ValueError(
            "folders of this machine are named with --root, and this begins with gs:// or s3://"
        )
    found = _in_object_store(text, BASE_PATHS).rstrip("/")
    refuse_patterns(found, ARTIFACTS)
    refuse_placeholders(found)
    return found


def google_folder(text: str) -> str:
    """A folder in a bucket of gs://.

    Raises:
      ValueError: it is none; the message is the end of a sentence.
    """
    if not text.startswith("gs://") or not text[len("gs://") :].rstrip("/").partition("/")[2]:
        raise ValueError("write gs://BUCKET/FOLDER")
    return _in_object_store(text, ("gs",))


def is_staged(address: str) -> bool:
    """Whether executors work on local copies of artifacts there."""
    return address.partition("://")[0] in STAGED and "://" in address


def cluster_address(text: str, schemes: Sequence[str] = OBJECT_STORES) -> str:
    """A place that containers elsewhere mean: in an object store, or an absolute path in them.

    Raises:
      ValueError: neither can read so; the message is the end of a sentence.
    """
    return _checked(text, expand=False) if text[:1] == "/" else _in_object_store(text, schemes)


def _address(text: str, schemes: Sequence[str]) -> str:
    if _SCHEME.match(text) is None or text.lower().startswith("file://"):
        return str(local_path(text))
    return _in_object_store(text, schemes)


def _in_object_store(text: str, schemes: Sequence[str]) -> str:
    name, separator, rest = text.partition("://")
    if name not in schemes or not separator or not rest.strip("/"):
        known = " or ".join(f"{name}://" for name in schemes)
        raise ValueError(
            f"it must be a path or begin with {known} and a bucket: nothing else can be written to"
        )
    bucket = rest.split("/")[0].split("?")[0]
    if name in _BUCKETS and (why := _no_bucket(name, bucket)):
        raise ValueError(f"no bucket is called {bucket[:80]}: {why}")
    for part in rest.rstrip("/").split("/")[1:]:
        if part in ("", ".", ".."):
            raise ValueError(f"it has a folder called {part!r}, which is none in an object store")
    if text != text.strip():
        raise ValueError("it begins or ends with a space")
    return _checked(text, expand=False)


def _no_bucket(scheme: str, name: str) -> str | None:
    """Why a bucket is not called so, as the object stores have it."""
    signs = (
        "small letters, digits, `-` and `.`"
        if scheme != "gs"
        else ("small letters, digits, `-`, `_` and `.`")
    )
    if not _BUCKET.fullmatch(name) or (scheme != "gs" and "_" in name):
        return f"their names have {signs} only, and a letter or digit at both ends"
    longest = _LONGEST_BUCKET if scheme == "gs" and "." in name else _LONGEST_PART
    if not _SMALLEST_BUCKET <= len(name) <= longest:
        return f"their names have {_SMALLEST_BUCKET} to {longest} characters"
    if any(not 1 <= len(part) <= _LONGEST_PART for part in name.split(".")):
        return "between two dots are 1 to 63 characters"
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+){3}", name):
        return "their names are no addresses of machines"
    if scheme == "gs" and name.startswith("goog"):
        return "names that begin with goog are Google's own"
    return None


def absolute(path: str | os.PathLike[str]) -> Path:
    """`path` from the root of the file system on, otherwise as it is written.

    Raises:
      ValueError: nobody knows; the message is the end of a sentence.
    """
    try:
        return Path(path).absolute()
    except FileNotFoundError as error:
        raise ValueError(
            "it is relative to the current folder, which was deleted: write it in full, or cd to "
            "another folder"
        ) from error


def refuse_patterns(path: str | os.PathLike[str], why: str) -> None:
    """Refuses a path that TFX's, Beam's or TensorFlow's readers would take for a pattern, or not at
    all.

    They read `run [1]/*` as the files in `run 1`, and take no escapes.

    Args:
      why: ARTIFACTS or MODELS.

    Raises:
      ValueError: the message is the end of a sentence.
    """
    found = _PATTERN.search(os.fspath(path))
    if found:
        raise ValueError(f"it holds {found[0]!r}, and {why}")
    refuse_undecodable(path)


def refuse_undecodable(path: str | os.PathLike[str]) -> None:
    """Refuses a path of bytes that are no text.

    Raises:
      ValueError: the message is the end of a sentence.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in os.fspath(path)):
        raise ValueError("it is not UTF-8, which is all that TensorFlow and ML Metadata take")


def refuse_placeholders(path: str) -> None:
    """Refuses `{SPAN}` and its like, where nobody fills them in.

    Raises:
      ValueError: the message is the end of a sentence.
    """
    found = re.search(r"\{[^{}/]*\}?", path)
    if found:
        raise ValueError(f"it holds {found[0]!r}, and no placeholder is filled in there")


def _checked(text: str, *, expand: bool = True) -> str:
    control = _CONTROL.search(text)
    if control:
        raise ValueError(f"it holds the control character {control[0]!r}")
    if not text.strip():
        raise ValueError("it is empty")
    try:
        if expand:
            text = _with_home(text)
        size = len(os.fsencode(text))
        longest = max(len(os.fsencode(name)) for name in text.split("/"))
    except UnicodeEncodeError as error:
        if sys.getfilesystemencoding() != "utf-8":
            raise ValueError(
                f"this locale knows no such letters ({sys.getfilesystemencoding()}); set"
                " PYTHONUTF8=1"
            ) from error
        raise ValueError("it holds half a character, which no file name can") from error
    if size > LONGEST_PATH:
        raise ValueError(f"it is {size} bytes long, and a path has {LONGEST_PATH} at most")
    if longest > _LONGEST_NAME:
        raise ValueError(
            f"it has a name of {longest} bytes, and a file name has {_LONGEST_NAME} at most"
        )
    return text


def _with_home(text: str) -> str:
    user, _, rest = text.partition("/")
    if not user.startswith("~"):
        return text
    home = home_folder() if user == "~" else Path(os.path.expanduser(user))
    if home is None or not home.is_absolute():
        raise ValueError(
            f"there is no home folder for {user}: set HOME, write the path in full, or ./{user} "
            "for a folder of that name"
        )
    return str(home / rest)


def _read_local(value: Any) -> Any:
    return local_path(value) if isinstance(value, str) else value


LocalPath = Annotated[Path, pydantic.BeforeValidator(_read_local)]
"""A setting that is a path on this machine."""
PipelineRoot = Annotated[str, pydantic.AfterValidator(pipeline_root)]
"""A setting that is an address in an object store, of artifacts."""
BasePath = Annotated[str, pydantic.AfterValidator(base_path)]
"""A setting that is a path or an address in an object store, of SavedModels."""
