"""What TFX's launcher and drivers ask of files at s3://, where TensorFlow answers nothing.

Executors never see such an address; see pipeline/local/nodes/staging/stage.py. Folders are empty
objects with a slash at the end, as TensorFlow has them in gs://.
"""

from __future__ import annotations

import io
from typing import IO, Any

from tfx.dsl.io import filesystem, filesystem_registry

from pipeline.files.paths import STAGED
from serving.base_path import storage
from serving.objects.store import StoreError

_SCHEMES = [f"{scheme}://" for scheme in STAGED]
_BEFORE_TENSORFLOWS = 0
"""As a priority: tfx/dsl/io/plugins/tensorflow_gfile.py claims s3:// with 10."""


class ObjectStores(filesystem.Filesystem):
    """As far as anything but an executor touches an artifact."""

    SUPPORTED_SCHEMES = _SCHEMES

    @staticmethod
    def open(name: Any, mode: str = "r") -> Any:
        content: IO[bytes] = _Written(name) if "w" in mode else storage.place(name).open()
        if "b" in mode:
            return content
        return io.TextIOWrapper(content, encoding="utf-8")

    @staticmethod
    def exists(path: Any) -> bool:
        return storage.exists(path)

    @staticmethod
    def isdir(path: Any) -> bool:
        try:
            return storage.place(path).is_folder()
        except StoreError:
            # The launcher asks before it removes what a node left that failed, and why that failed
            # is what has to be said.
            return True

    @staticmethod
    def listdir(path: Any) -> list[Any]:
        place = storage.place(path)
        try:
            return list(place.children())
        except FileNotFoundError as error:
            if place.is_folder():
                return []
            raise filesystem.NotFoundError() from error

    @staticmethod
    def makedirs(path: Any) -> None:
        # TFX's own folders for executors, which have others on this machine.
        if "/.system/" not in path:
            storage.place(path).make_folder()

    mkdir = makedirs

    @staticmethod
    def remove(path: Any) -> None:
        storage.place(path).remove()

    @staticmethod
    def rmtree(path: Any) -> None:
        # As far as it can be: that something is left over is no reason to lose what a node made.
        storage.remove(path)


class _Written(io.BytesIO):
    """An object that is there when it is closed."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def close(self) -> None:
        if not self.closed:
            self.seek(0)
            storage.write(self._address, self)
        super().close()


filesystem_registry.DEFAULT_FILESYSTEM_REGISTRY.register(ObjectStores, _BEFORE_TENSORFLOWS)
