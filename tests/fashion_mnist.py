"""The data set of the shipped settings, as tests name it."""

from __future__ import annotations

from components.serving_check.expected import complete
from components.serving_check.options import Options
from models.declaration import Declaration
from pipeline.settings import REPOSITORY, load_settings

CONFIG = REPOSITORY / "configs" / "fashion_mnist.yaml"
SAMPLE = REPOSITORY / "configs" / "fashion_mnist_sample"
SETTINGS = load_settings(CONFIG)
DECLARATION: Declaration = SETTINGS.declaration
IMAGE, LABEL = "image", "label"
HEIGHT, WIDTH = 28, 28
PIXELS = HEIGHT * WIDTH
LABELS = DECLARATION.label.names or ()
CHECK_OPTIONS: Options = complete(SETTINGS.serving_check, DECLARATION)
