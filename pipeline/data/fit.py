"""Whether the data fit the settings and the model, as far as the headers of the files tell.

ExampleGen reads every byte later; what is known here costs neither a node nor a training.
"""

from __future__ import annotations

from collections.abc import Mapping

from components.example_gen.columns import Columns, ColumnsError, columns_of
from components.example_gen.idx import IdxReader, check_shape, demand_equal_counts, read_labels
from components.example_gen.pair import Pair
from components.example_gen.shards import TRAIN
from pipeline.settings import Settings, SettingsError


def check_fit(settings: Settings, pairs: Mapping[str, Pair]) -> None:
    """Compares the number of images and their size with what is asked of them.

    Args:
      pairs: files by input split, on this machine.

    Raises:
      IdxError: a header is damaged, images are of another size than is declared, a label is no
        class, or there are more of one than the other.
      SettingsError: features are declared that IDX files do not hold; eval_examples or batch_size
        is more than there is.
    """
    try:
        columns = columns_of(settings.declaration)
    except ColumnsError as error:
        raise SettingsError(str(error)) from error
    counts = {split: _count(pair, columns) for split, pair in pairs.items()}
    images = pairs[TRAIN].images
    rest = counts[TRAIN] - settings.data.eval_examples
    if rest <= 0:
        raise SettingsError(
            f"Setting `data.eval_examples` = {settings.data.eval_examples} leaves nothing to train "
            f"on: {images} holds {counts[TRAIN]} images; lower it."
        )
    if settings.training.batch_size > rest:
        raise SettingsError(
            f"Setting `training.batch_size` = {settings.training.batch_size} is more than the "
            f"{rest} training examples that data.eval_examples = {settings.data.eval_examples} "
            f"leaves of {images}; lower one of them."
        )


def _count(pair: Pair, columns: Columns) -> int:
    """The number of images, of the size and with the labels that are declared."""
    with open(pair.images, "rb") as stream:
        reader = IdxReader(stream, pair.images, dimensions=1 + len(columns.image.shape))
        count = reader.shape[0]
        check_shape(reader, columns.image)
    # A byte each, so all of them are read, where of the images the header must do.
    with open(pair.labels, "rb") as stream:
        labels = read_labels(IdxReader(stream, pair.labels, dimensions=1), columns.label)
    demand_equal_counts(count, pair.images, len(labels), pair.labels)
    return count
