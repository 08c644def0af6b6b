"""TensorFlow without what it says of itself."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator

from documents.environment.libraries import choose_libraries


@contextlib.contextmanager
def quiet_imports() -> Iterator[None]:
    """What is imported inside may import TensorFlow: what it says of graphics cards helps nobody.

    It takes seconds, which --help need not cost.
    """
    choose_libraries()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
