"""Turn a TensorFlow Hub handle into a local, verified SavedModel folder.

tensorflow_hub checks nothing of what it downloads: no digest, no size, plain http accepted. So
every handle is resolved here, and hub.KerasLayer is only ever given the local path.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from documents.digest import file_digest
from documents.regular_file import NotRegularError, regular_file
from documents.saved_model import SAVED_MODEL, SAVED_MODEL_TEXT
from models.hub.archive import (
    ArchiveError,
    inside,
    saved_model_folder,
    unpack,
)
from models.hub.cache import ContentError, ModuleCache, content_digest
from models.hub.download import DownloadError, archive_address, download

REPOSITORY = Path(__file__).resolve().parents[2]


class HubError(ValueError):
    """The handle cannot be used; one sentence with the handle, what is wrong, and the setting."""


class _HandleError(ValueError):
    """What is wrong with a handle or its settings, as the end of a sentence about the handle."""


@contextlib.contextmanager
def told_as(setting: str) -> Iterator[None]:
    """Has errors about a module name the setting that it stands in, instead of `hub`.

    Raises:
      HubError: in the place of the one that was raised.
    """
    try:
        yield
    except HubError as error:
        keys = r"(?<![\w./-])hub\.(?=(?:handle|sha256|max_megabytes|allow_http)\b)"
        raise HubError(re.sub(keys, lambda _: f"{setting}.", str(error))) from error


@dataclass(frozen=True)
class Module:
    """A module ready for hub.KerasLayer(str(path))."""

    path: Path
    handle: str
    sha256: str


def resolve(
    handle: str,
    *,
    sha256: str | None = None,
    max_megabytes: int = 512,
    cache: Path | None = None,
    allow_http: bool = False,
    timeout: float = 30.0,
) -> Module:
    """Return the module at `handle` as a local folder, fetched and verified when need be.

    `handle` is a folder or .tar.gz (a relative one starts at the repository), a file:// address, an
    http(s):// one of the Hub web protocol, or one that tf.io.gfile reads, such as gs://.
    `sha256` pins the archive, or the content_digest() of a folder; what another machine sends must
    be pinned. `max_megabytes` (of 10^6 bytes) limits the archive and what it unpacks to. `cache`
    defaults to $TFHUB_CACHE_DIR, then ~/.cache/tfhub_modules; a pinned module found there needs no
    request. `timeout` is in seconds for each wait on the network. Raises HubError.
    """
    max_bytes = max_megabytes * 1_000_000
    try:
        _check_syntax(handle)
        pin = _pin(sha256)
        if not _is_remote(handle) and (folder := _local_path(handle)).is_dir():
            path, digest = _verified(folder, pin, max_bytes)
            return Module(path, handle, digest)
        fetch = _fetcher(handle, max_bytes, allow_http, timeout)
        modules = ModuleCache(cache or _default_cache())
        if pin and (cached := modules.find(pin)):
            return Module(cached, handle, pin)
        with modules.incoming() as folder:
            fetch(folder / "fetched")
            path, digest = _verified(folder / "fetched", pin, max_bytes)
            # Also when it is about to be refused below: nothing is used from the cache without
            # its digest, and whoever then pins it does not download it again.
            path = modules.add(path, digest)
        if _is_remote(handle) and not pin:
            raise _HandleError(
                f"is not pinned: it now sends a module with sha256 {digest}, and if you trust it, "
                f"add --set hub.sha256={digest}"
            )
        return Module(path, handle, digest)
    except (_HandleError, ArchiveError, ContentError, DownloadError) as error:
        raise HubError(f"hub.handle {_without_secrets(handle)} {error}") from error
    except OSError as error:
        raise HubError(
            f"hub.handle {_without_secrets(handle)} cannot be read or kept ({error}): "
            "check the rights and the free space there, or set TFHUB_CACHE_DIR to another folder"
        ) from error


def check_handle(handle: str, *, sha256: str | None = None, allow_http: bool = False) -> None:
    """What can be told of a handle without looking at the module.

    Raises:
      HubError: it is no handle, or one that would be refused wherever it is resolved.
    """
    try:
        _check_syntax(handle)
        _pin(sha256)
        if _is_remote(handle):
            _fetcher(handle, 0, allow_http, 0.0)
    except (_HandleError, DownloadError) as error:
        raise HubError(f"hub.handle {_without_secrets(handle)} {error}") from error


def _check_syntax(handle: str) -> None:
    if not handle.strip():
        raise _HandleError("is empty: name a folder, an archive or an address")
    try:
        urlsplit(handle)
    except ValueError as error:
        raise _HandleError(f"is not an address ({error}): correct it") from error


def _pin(sha256: str | None) -> str | None:
    if sha256 is None:
        return None
    pin = sha256.strip().lower().removeprefix("sha256:")
    if not re.fullmatch("[0-9a-f]{64}", pin):
        raise _HandleError(
            f"has hub.sha256={sha256}, which is not 64 hexadecimal digits: correct it"
        )
    return pin


def _is_remote(handle: str) -> bool:
    return "://" in handle and not handle.lower().startswith("file://")


def _local_path(handle: str) -> Path:
    if handle.lower().startswith("file://"):
        parts = urlsplit(handle)
        if parts.netloc not in ("", "localhost"):
            raise _HandleError(f"names the machine {parts.netloc!r}: write file:///folder")
        handle = unquote(parts.path)
    return REPOSITORY / os.path.expanduser(handle)


def _default_cache() -> Path:
    folder = os.environ.get("TFHUB_CACHE_DIR") or "~/.cache/tfhub_modules"
    if "://" in folder:
        raise _HandleError(f"cannot be kept in TFHUB_CACHE_DIR={folder}: set it to a local folder")
    folder = os.path.expanduser(folder)
    if folder.startswith("~"):
        raise _HandleError(
            "cannot be kept, as this user has no home folder: set TFHUB_CACHE_DIR to a folder that "
            "can be written"
        )
    return Path(os.path.abspath(folder))


def _fetcher(
    handle: str, max_bytes: int, allow_http: bool, timeout: float
) -> Callable[[Path], None]:
    """The way to bring the archive, or the folder, at `handle` to a path that does not exist."""
    if not _is_remote(handle):
        return partial(_copy_file, _local_path(handle), max_bytes=max_bytes)
    scheme = handle.partition("://")[0].lower()
    if scheme not in ("http", "https"):
        return partial(_copy_with_tensorflow, handle, max_bytes=max_bytes)
    if scheme == "http" and not allow_http:
        raise _HandleError(
            "is plain http, which anyone on the way can alter: use https, or set "
            "hub.allow_http=true"
        )
    if _without_secrets(handle) != handle:
        raise _HandleError("holds credentials, which every run would record: move them to ~/.netrc")
    return partial(download, archive_address(handle), max_bytes=max_bytes, timeout=timeout)


def _without_secrets(handle: str) -> str:
    return re.sub("(?<=://)[^/?#]*@", "", handle)


def _copy_file(source: Path, target: Path, *, max_bytes: int) -> None:
    left = max_bytes
    try:
        with regular_file(source) as file, target.open("wb") as copy:
            while block := file.read(min(1 << 20, left + 1)):
                left -= len(block)
                if left < 0:
                    raise _too_large(max_bytes)
                copy.write(block)
    except FileNotFoundError as error:
        raise _HandleError(f"does not exist (there is no {source}): correct it") from error
    except NotRegularError as error:
        raise _HandleError(f"{error.strerror}: set it to a module") from error


def _too_large(max_bytes: int) -> _HandleError:
    return _HandleError(
        f"is larger than {max_bytes / 1e6:g} MB: if that is meant, raise hub.max_megabytes"
    )


def _copy_with_tensorflow(handle: str, target: Path, *, max_bytes: int) -> None:
    # Late, because TensorFlow takes seconds to import and only object stores need it.
    import tensorflow as tf

    gfile = tf.io.gfile
    try:
        sources = {handle: PurePosixPath()}
        if gfile.isdir(handle):
            names = (SAVED_MODEL, SAVED_MODEL_TEXT)
            if not any(gfile.exists(gfile.join(handle, name)) for name in names):
                raise _HandleError(f"holds no {SAVED_MODEL}: it must be a TensorFlow 2 SavedModel")
            sources = {
                gfile.join(parent, name): inside(f"{parent[len(handle) :]}/{name}".lstrip("/"))
                for parent, _, names in gfile.walk(handle)
                for name in names
            }
        if sum(gfile.stat(source).length for source in sources) > max_bytes:
            raise _too_large(max_bytes)
        for source, relative in sources.items():
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            gfile.copy(source, str(target / relative))
    except tf.errors.OpError as error:
        reason = error.message or type(error).__name__
        raise _HandleError(f"cannot be read by TensorFlow ({reason}): correct it") from error


def _verified(fetched: Path, pin: str | None, max_bytes: int) -> tuple[Path, str]:
    """The SavedModel folder in `fetched` and its digest, compared before anything is unpacked."""
    if fetched.is_dir():
        module = saved_model_folder(fetched)
        digest = content_digest(module)
        _compare(digest, pin)
        return module, digest
    digest = file_digest(fetched)
    _compare(digest, pin)
    unpacked = fetched.with_name("unpacked")
    unpack(fetched, unpacked, max_bytes)
    return saved_model_folder(unpacked), digest


def _compare(digest: str, pin: str | None) -> None:
    if pin not in (None, digest):
        raise _HandleError(
            f"has sha256 {digest}, but hub.sha256 is {pin}: it was altered or cut short, "
            "and only if that is meant, set hub.sha256 to the new digest"
        )
