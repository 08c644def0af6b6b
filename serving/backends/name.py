"""The names of the backends; apart, so that settings can be read without what they need."""

from __future__ import annotations

from typing import Literal

BackendName = Literal["tensorflow_model_server", "docker", "embedded"]
Backend = Literal["auto", "tensorflow_model_server", "docker", "embedded"]
"""A backend that is asked for; `auto` takes the first that works."""
