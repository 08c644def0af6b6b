"""Whether TensorFlow computes with oneDNN."""

from __future__ import annotations

import os


def choose_onednn() -> None:
    """Has TensorFlow train and evaluate with oneDNN, decided before anything imports it.

    By itself it does so only where the processor has AVX-512 VNNI or newer. On others, too, a
    network that convolves trains 1.4 times as fast with it, and one of a table as fast as without
    (docs/benchmarks.md). Where the variable is set already, that holds.

    Model servers are started without it: single requests cost more with oneDNN, and what is
    checked there has to be what TF Serving computes, which decides by the processor.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
