"""Fashion-MNIST as 70,000 PNG files through `init --images`, beside its four IDX files."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from benchmarks.target import Target
from benchmarks.usage import python
from pipeline.settings import REPOSITORY

CONFIG = REPOSITORY / "configs" / "fashion_mnist.yaml"
MIN_ACCURACY, MAX_BELOW = 0.92, 0.003
MAX_GROWTH = 1.1
"""Peak memory of ExampleGen with all files over that with a tenth of them."""


def measure(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """Drafts settings for the files, adds the module and the training of the default run."""
    folder, tenth = scratch / "pictures", scratch / "tenth"
    python(scratch / "write.out", "-m", "benchmarks.data.pictures", str(folder), str(tenth))
    found: dict[str, Any] = {}
    peaks = []
    for name, source in (("tenth", tenth), ("pictures", folder)):
        settings = _drafted(scratch, name, source)
        usage = python(
            scratch / f"{name}-examples.out",
            *("local_runner.py", f"--config={settings}", f"--root={scratch / f'{name}-root'}"),
            "--to=ExampleGen",
        )
        peaks.append(usage.peak_megabytes)
    for name, config in (("pictures", scratch / "pictures-settings.yaml"), ("idx", CONFIG)):
        output = scratch / f"{name}.json"
        usage = python(
            output,
            *("local_runner.py", f"--config={config}", f"--root={scratch / f'{name}-root'}"),
            "--json",
        )
        found[name] = {
            "test_accuracy": json.loads(output.read_text())["test_accuracy"],
            "cpu_seconds": round(usage.cpu_seconds, 1),
            "peak_megabytes": round(usage.peak_megabytes, 1),
        }
    for place in (folder, tenth):
        shutil.rmtree(place)
    accuracy = found["pictures"]["test_accuracy"]
    below = found["idx"]["test_accuracy"] - accuracy
    return [
        Target("Fashion-MNIST as PNG files, accuracy", accuracy, MIN_ACCURACY, at_least=True),
        Target("… below that of the IDX files", below, MAX_BELOW),
        Target("ExampleGen's peak memory, 70,000 files / 7,000", peaks[1] / peaks[0], MAX_GROWTH),
    ], {**found, "example_gen_peak_megabytes": peaks}


def write(folder: Path, tenth: Path) -> None:
    """Both parts with the folders `train` and `test`, so that the official test images stay so."""
    import numpy as np
    from PIL import Image

    from benchmarks.work import plan

    work = plan(CONFIG)
    names = work.settings.label.names or ()
    for part, (images, labels) in (("train", work.train_set()), ("test", work.test_set())):
        for place in (folder, tenth):
            for name in names:
                (place / part / name.replace("/", " or ")).mkdir(parents=True, exist_ok=True)
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            file = io.BytesIO()
            Image.fromarray(np.asarray(image)).save(file, "PNG", compress_level=1)
            below = f"{part}/{names[label].replace('/', ' or ')}/{number}.png"
            (folder / below).write_bytes(file.getvalue())
            if number % 10 == 0:
                (tenth / below).write_bytes(file.getvalue())


def _drafted(scratch: Path, name: str, source: Path) -> Path:
    python(
        scratch / f"{name}-init.out",
        *(str(REPOSITORY / "local_runner.py"), "init"),
        *(f"--images={source}", f"--name=of_{name}", "--force"),
        cwd=scratch,
    )
    settings = yaml.safe_load((scratch / f"of_{name}" / "settings.yaml").read_text())
    default = yaml.safe_load(CONFIG.read_text())
    settings |= {"hub": default["hub"], "training": default["training"]}
    written = scratch / f"{name}-settings.yaml"
    written.write_text(yaml.safe_dump(settings, sort_keys=False))
    return written


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
