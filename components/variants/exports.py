"""Where blessed variants go: ROOT/exports/<model>/<version>/, complete or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from components.variants.metadata import LABELS, labels_text
from documents.provenance import Provenance
from documents.variants import Variants
from documents.writer import UNFINISHED, write

SCRIPT = "infer.py"

# Each line of it is one that the runtime needs; names of features and labels stay in files.
_INFER = """\
# python infer.py int8.tflite INPUT.npy ...  asks LiteRT (pip install ai-edge-litert numpy).
# Each INPUT is one example, in the order of `inputs` in variants.json.
import sys, numpy as np
try: from ai_edge_litert.interpreter import Interpreter
except ImportError: from tensorflow.lite.python.interpreter import Interpreter
lite = Interpreter(sys.argv[1]); lite.allocate_tensors()
for given, path in zip(lite.get_input_details(), sys.argv[2:], strict=True):
    value, (scale, zero) = np.load(path), given["quantization"]
    value = np.round(value / scale + zero) if scale else value
    lite.set_tensor(given["index"], value.astype(given["dtype"]).reshape(given["shape"]))
lite.invoke(); answer = lite.get_tensor(lite.get_output_details()[0]["index"])[0]
print(open("labels.txt").read().splitlines()[answer.argmax()], answer)
"""


def publish(
    exports: Path, document: Variants, files: Mapping[str, Path], provenance: Provenance | None
) -> Path:
    """Puts `files`, by the names that they get, and what is known of them, into a folder.

    An export of the same version that was there before is replaced whole.

    Args:
      exports: the folder of all exports.
      document: names model and version, and the blessed variants.
      provenance: of the version.

    Returns:
      The folder.

    Raises:
      OSError: it cannot be written; what was there before still is.
    """
    folder = exports / document.model / str(document.version)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f"{UNFINISHED}*"):  # by a run that was killed; ROOT has one
        shutil.rmtree(left, ignore_errors=True)
    staging = folder.with_name(f"{UNFINISHED}{folder.name}-{secrets.token_hex(4)}")
    try:
        staging.mkdir()
        for name, path in files.items():
            if path.is_dir():
                shutil.copytree(path, staging / name)
            else:
                shutil.copy(path, staging / name)
        if document.labels:
            (staging / LABELS).write_text(labels_text(document.labels))
        (staging / SCRIPT).write_text(script(document))
        if provenance:
            write(provenance, str(staging / Path(Provenance.FILE).name))
        write(document, str(staging / Variants.FILE))
        if folder.exists():
            before = folder.with_name(f"{UNFINISHED}before-{secrets.token_hex(4)}")
            os.rename(folder, before)
            try:
                os.rename(staging, folder)
            except OSError:
                os.rename(before, folder)
                raise
            shutil.rmtree(before, ignore_errors=True)
        else:
            os.rename(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def script(document: Variants) -> str:
    """The script that asks one of the .tflite files."""
    if document.labels:
        return _INFER
    return _INFER.replace(
        'print(open("labels.txt").read().splitlines()[answer.argmax()], answer)', "print(answer)"
    )
