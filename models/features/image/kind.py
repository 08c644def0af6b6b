"""Images: grey or colour, of one size."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pydantic

from documents.cells.cell import Cell, CellError
from documents.features import Input
from documents.pictures.size import LARGEST_PICTURE, TOO_LARGE
from models.features.kind import FeatureKind
from models.module_settings import OwnModule

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import schema_pb2

_Side = Annotated[int, pydantic.Field(ge=1, le=4_096)]
_PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR")
_JPEG = b"\xff\xd8\xff"


class Image(FeatureKind):
    """One image a row, held as its pixels: row-major uint8, height x width x channels."""

    STORED: ClassVar[str] = "BYTES"
    READS_FILES: ClassVar[bool] = True
    LEARNED: ClassVar[frozenset[str]] = frozenset({"module"})

    kind: Literal["image"]
    default: None = None
    # YAML and JSON know lists only.
    size: Annotated[tuple[_Side, _Side], pydantic.Strict(False)]
    """Height and width in pixels; files are scaled to it."""
    channels: Literal[1, 3] = 1
    """1 for grey, 3 for colour."""
    module: OwnModule = None
    """A TensorFlow Hub module that takes images, instead of that of `hub`, which is of all images
    that have none; a handle alone will do."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the pixels that are held and served: grey images have no channel axis."""
        return self.size if self.channels == 1 else (*self.size, self.channels)

    @property
    def nbytes(self) -> int:
        """Of one image."""
        return self.size[0] * self.size[1] * self.channels

    def schema_feature(self, name: str) -> schema_pb2.Feature:
        """See FeatureKind; no image is missing."""
        from tensorflow_metadata.proto.v0 import schema_pb2

        feature = schema_pb2.Feature(name=name, type=schema_pb2.BYTES)
        feature.image_domain.SetInParent()
        feature.presence.min_fraction, feature.presence.min_count = 1.0, 1
        feature.shape.SetInParent()
        return feature

    def served(self, name: str, *, alone: bool) -> Input:
        """See FeatureKind; the pixels or, among other features, a PNG or JPEG file."""
        return (
            Input(name="images", dtype="DT_UINT8", shape=(-1, *self.shape))
            if alone
            else Input(name=name, dtype="DT_STRING", shape=(-1,))
        )

    def value(self, cell: Cell) -> bytes:
        """See FeatureKind; no image is missing.

        Args:
          cell: the content of a PNG or JPEG file, decoded by the function that is served, or of one
            that is made a PNG file first; or pixels, a uint8 array of `shape`.
        """
        if cell is None:
            raise CellError("holds no image")
        if isinstance(cell, bytes):
            return self._decoded(cell)
        shape = getattr(cell, "shape", None)
        if shape is None or str(cell.dtype) != "uint8":
            raise CellError(f"holds a {type(cell).__name__}, which is no image")
        if tuple(shape) != self.shape:
            raise CellError(f"has {written(shape)} pixels instead of {written(self.shape)}")
        pixels: bytes = cell.tobytes()
        return pixels

    def _decoded(self, content: bytes) -> bytes:
        if not content:
            raise CellError("is empty")
        # Pillow and TensorFlow wait until the first file is read.
        if not content.startswith((_PNG, _JPEG)):
            from models.features.image.conversion import as_png

            content = as_png(content)
        if content.startswith(_PNG) and len(content) >= len(_PNG) + 8:
            # TensorFlow's function asks too, but only after a copy of all bytes.
            width, height = struct.unpack_from(">2I", content, len(_PNG))
            if width * height > LARGEST_PICTURE:
                raise CellError(TOO_LARGE)
        from models.features.image.pictures import pixels_of

        return pixels_of(content, *self.size, self.channels)


def written(shape: Any) -> str:
    """A shape for people: 28 x 28."""
    return " x ".join(str(size) for size in shape)
