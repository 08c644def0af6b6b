"""What the libraries of training compute with, decided before anything imports them."""

from __future__ import annotations

from documents.environment.keras import choose_keras
from documents.environment.onednn import choose_onednn


def choose_libraries() -> None:
    """Decides on Keras and oneDNN, in the environment."""
    choose_keras()
    choose_onednn()
