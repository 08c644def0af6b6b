"""Photos and EfficientNet-Lite0: its outputs, and a training that asks it once about each photo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.target import Target
from benchmarks.usage import python

MAX_AWAY, MAX_PASS, MIN_ACCURACY = 1e-5, 1.3, 0.95
SETTINGS = """
name: photos
data:
  format: image_folder
  files: FOLDER
  split: {train: 8, eval: 1, test: 1, by: content}
features: {image: {kind: image, size: [224, 224], channels: 3}}
label: {name: label, kind: classes, values: [blobs, checks, rings, stripes, waves]}
hub: {handle: MODULE, trainable: false}
training: {epochs: 10, batch_size: 32}
"""


def measure(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """Builds the module, makes 2,000 photos, reads them, and trains on their vectors."""
    built = scratch / "built.json"
    python(
        built,
        *("-m", "models.hub", "build", "efficientnet_lite0", "--json"),
        *("--to", str(scratch / "modules")),
    )
    module = json.loads(built.read_text())
    folder, root, config = scratch / "photos", scratch / "root", scratch / "photos.yaml"
    python(scratch / "write.out", "-m", "benchmarks.models.photos", "write", str(folder))
    text = SETTINGS.replace("FOLDER", str(folder)).replace("MODULE", module["archive"])
    config.write_text(text)
    read = python(
        scratch / "read.out",
        *("local_runner.py", f"--config={config}", f"--root={root}", "--to=Transform"),
    )
    trained = scratch / "trained.json"
    python(trained, "-m", "benchmarks.models.photos", "train", str(config), str(root))
    found = json.loads(trained.read_text())
    ratio = found["cached_pass_cpu_seconds"] / found["embedding_cpu_seconds"]
    return [
        Target("EfficientNet-Lite0, away from the reference", found["away"], MAX_AWAY),
        Target("2,000 photos in one pass, CPU / embedding alone", ratio, MAX_PASS),
        Target("… accuracy on the eval split", found["accuracy"], MIN_ACCURACY, at_least=True),
    ], {
        **found,
        "reading_cpu_seconds": round(read.cpu_seconds, 1),
        "module": {key: module[key] for key in ("handle", "sha256")},
    }
