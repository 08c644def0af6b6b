"""Makes TensorFlow's runtime importable without the rest of its package.

`tensorflow/__init__.py` loads Keras, pandas and thousands of modules more that serving never uses:
2.2 of the 2.7 CPU seconds, and most of the heap that the garbage collector would walk.
"""

from __future__ import annotations

import importlib.machinery
import sys
import types


def skip_package_init() -> None:
    """From here on `tensorflow.python` and `tensorflow.core` load without `tensorflow/__init__`.

    Only for a process of its own: `import tensorflow as tf` then gives an empty module. Where
    TensorFlow is loaded already, nothing happens.
    """
    if "tensorflow" in sys.modules:
        return
    spec = importlib.machinery.PathFinder.find_spec("tensorflow")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(
            "TensorFlow is not installed in this Python; run `make setup` and use .venv/bin/python."
        )
    package = types.ModuleType("tensorflow")
    package.__spec__ = spec
    package.__path__ = spec.submodule_search_locations
    sys.modules["tensorflow"] = package
