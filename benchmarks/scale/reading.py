"""ExampleGen in a process of its own: python -m benchmarks.scale.reading DATA OUTPUT SHARDS"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
from pathlib import Path

from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.example_gen import inputs
from components.example_gen.executor import Executor
from pipeline.settings import REPOSITORY, load_settings


def main(data: str, output: str, shards: str) -> None:
    """Prints CPU seconds, without those of imports, peak memory and a digest of all examples."""
    declaration = load_settings(REPOSITORY / "configs/fashion_mnist.yaml").declaration
    examples = standard_artifacts.Examples()
    examples.uri = output
    before = _cpu_seconds()
    Executor().Do(
        {},
        {"examples": [examples]},
        {
            "input_base": data,
            "input_config": proto_utils.proto_to_json(inputs.default_input_config()),
            "eval_examples": 5_000,
            "shards": int(shards),
            "declaration": declaration.model_dump_json(),
        },
    )
    seconds = _cpu_seconds() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    digest = hashlib.sha256()
    for split in ("train", "eval", "test"):
        for shard in sorted(Path(output, f"Split-{split}").iterdir()):
            digest.update(shard.read_bytes())
    found = {
        "shards": int(shards),
        "cpu_seconds": round(seconds, 2),
        "peak_megabytes": round(peak),
        "sha256": digest.hexdigest(),
    }
    print(json.dumps(found))


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
