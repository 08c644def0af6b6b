"""What a form of a model costs: a process that loads it alone, and says so in JSON.

Each measurement has a process of its own, because memory that another model had would stay with it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from documents.variants import Measurement
from serving.backends.interpreter import clean_environment, module_command
from serving.server.runtime import skip_package_init

# A space keeps them apart from plain names of features.
_EXAMPLES, _CONTENT, _LENGTHS = " examples", " content", " lengths"
_WARM_UP = 10
_SECONDS = 600
_REPOSITORY = Path(__file__).resolve().parents[2]


class MeasureError(RuntimeError):
    """The process that measures failed: a fault of the machine or of the model; one sentence."""


def measured(path: Path, inputs: Path, requests: int) -> Measurement:
    """Asks a .tflite file, or the `examples` signature of a SavedModel, one example at a time.

    Args:
      path: of the file, or of the SavedModel's folder.
      inputs: see `write_inputs`.
      requests: how many are timed.

    Raises:
      MeasureError: it cannot be done.
    """
    command = module_command(__name__, str(path), str(inputs), str(requests))
    environment = clean_environment({"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"})
    try:
        done = subprocess.run(
            command,
            cwd=_REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise MeasureError(
            f"{path.name} did not answer {requests} requests within {_SECONDS} seconds; lower"
            " variants.latency_requests."
        ) from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise MeasureError(f"{path.name} cannot be asked: {last[:300]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Measurement(bytes=size_of(path), gzip_bytes=_packed_size(path), **found)


def write_inputs(
    path: Path, records: Sequence[bytes], dense: Mapping[str, NDArray[np.float32]]
) -> None:
    """Writes what is asked: examples, and as many rows of each dense input by its name."""
    content = np.frombuffer(b"".join(records), np.uint8)
    lengths = np.array([len(record) for record in records])
    np.savez(path, **{_CONTENT: content, _LENGTHS: lengths}, **dense)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files)


def _packed_size(path: Path) -> int | None:
    if not path.is_file():
        return None
    packer, size = zlib.compressobj(wbits=31), 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            size += len(packer.compress(block))
    return size + len(packer.flush())


def _main(path: str, inputs: str, requests: int) -> None:
    # All of it is imported before anything is measured.
    is_lite = os.path.isfile(path)
    runtime = _interpreter() if is_lite else importlib.import_module("tensorflow")
    with np.load(inputs) as found:
        given: dict[str, Any] = {name: found[name] for name in found.files}
    ends = np.cumsum(given.pop(_LENGTHS))
    content = given.pop(_CONTENT)
    given[_EXAMPLES] = [part.tobytes() for part in np.split(content, ends[:-1])]
    _forget_peak()
    before = _memory("VmRSS")
    ask = (_lite if is_lite else _saved_model)(runtime, path, given)
    count = len(given[_EXAMPLES])
    for number in range(_WARM_UP):
        ask(number % count)
    times = []
    for number in range(requests):
        started = time.perf_counter()
        ask(number % count)
        times.append(1e3 * (time.perf_counter() - started))
    peak = _memory("VmHWM")
    p50, p95 = np.percentile(times, [50, 95])
    print(
        json.dumps(
            {
                "p50_ms": round(float(p50), 4),
                "p95_ms": round(float(p95), 4),
                "peak_bytes": max(0, peak - before) if peak and before else None,
            }
        )
    )


def _interpreter() -> Any:
    """TensorFlow's class for .tflite files without the rest of TensorFlow, which would take four
    CPU seconds for each file."""
    skip_package_init()
    return importlib.import_module("tensorflow.lite.python.interpreter").Interpreter


def _lite(make: Any, path: str, given: Mapping[str, Any]) -> Callable[[int], object]:
    interpreter = make(model_path=path, num_threads=1)
    interpreter.allocate_tensors()
    inputs = interpreter.get_input_details()
    [output] = interpreter.get_output_details()
    rows: Sequence[NDArray[Any]] = [quantized(given[detail["name"]], detail) for detail in inputs]

    def ask(number: int) -> object:
        for detail, values in zip(inputs, rows, strict=True):
            interpreter.set_tensor(detail["index"], values[number : number + 1])
        interpreter.invoke()
        return interpreter.get_tensor(output["index"])

    return ask


def quantized(values: NDArray[np.float32], detail: Mapping[str, Any]) -> NDArray[Any]:
    """Values as an input of a .tflite file takes them."""
    scale, zero = detail["quantization"]
    if not scale:
        return values.astype(detail["dtype"])
    limits = np.iinfo(detail["dtype"])
    steps: NDArray[Any] = np.round(values / scale + zero)
    return np.clip(steps, limits.min, limits.max).astype(detail["dtype"])


def _saved_model(tf: Any, path: str, given: Mapping[str, Any]) -> Callable[[int], object]:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    model = tf.saved_model.load(path)
    function = model.signatures["examples"]
    rows = [tf.constant([example]) for example in given[_EXAMPLES]]
    return lambda number: (model, function(examples=rows[number]))


def _forget_peak() -> None:
    """Has Linux count the peak from now on (proc(5), clear_refs)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _memory(key: str) -> int | None:
    """Bytes; None where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith(f"{key}:")]
    return 1024 * int(found[0]) if found else None


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
