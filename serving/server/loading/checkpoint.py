"""The variables of a version, looked at before its graph is imported: that takes a hundred times
longer, and while somebody copies a version they are the last to be whole."""

from __future__ import annotations

import math
import os

from tensorflow.python.framework import errors_impl
from tensorflow.python.training import py_checkpoint_reader

from serving.server.loading import file_system
from serving.server.status import Code, StatusError

_NO_TABLE = "not an sstable"


def demand_whole(prefix: str) -> None:
    """Passes when the data has room for all that its index names; what they say, restoring tells.

    Args:
      prefix: of the checkpoint, whose index is there.

    Raises:
      StatusError: as the C++ loader says it. NOT_FOUND: there are no data. OUT_OF_RANGE: they were
        cut short. DATA_LOSS: the index was.
    """
    try:
        reader = py_checkpoint_reader.NewCheckpointReader(prefix)
    except errors_impl.OpError as error:
        if _NO_TABLE in error.message:
            raise StatusError(Code.DATA_LOSS, f"{prefix}.index: {error.message}") from error
        return  # Such as a lack of descriptors, of which restoring has more to say.
    types, shapes = reader.get_variable_to_dtype_map(), reader.get_variable_to_shape_map()
    # A text has a size of its own, and the graph of objects is one: the sum is of the others.
    demanded = sum(types[name].size * math.prod(shape) for name, shape in shapes.items())
    folder, name = os.path.split(prefix)
    files = [
        os.path.join(folder, each)
        for each in file_system.children(folder)
        if each.startswith(f"{name}.data-")
    ]
    if demanded and not files:
        raise StatusError(
            Code.NOT_FOUND, f"{prefix}.data-00000-of-00001; No such file or directory"
        )
    found = sum(map(file_system.size, files))
    if found < demanded:
        raise StatusError(
            Code.OUT_OF_RANGE,
            f"Read less bytes than requested: {found} of at least {demanded} in {files[0]}",
        )
