"""Runs TFX's own Chicago taxi example, as it is in the wheel but for fewer rows and training steps.

python -m tests.inspection.taxi FOLDER
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

from tfx.components.util import udf_utils
from tfx.examples.chicago_taxi_pipeline import taxi_pipeline_native_keras as taxi
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto import trainer_pb2

from pipeline.beam import beam_pipeline_args
from pipeline.beam_workers.shortcuts import take_shortcuts
from pipeline.sections.beam import HERE

ROWS = 2_000
"""Of fifteen thousand: every question has the same answers to so many."""


def main() -> None:
    # Most of it is Beam, in seven jobs.
    take_shortcuts()
    # Four times it would start pip, for a module that stands in a wheel by itself.
    udf_utils.install_to_temp_directory = _unpacked
    root = Path(sys.argv[1])
    example = Path(taxi.__file__).parent
    data = root / "data" / "simple"
    data.mkdir(parents=True)
    with (example / "data" / "simple" / "data.csv").open() as rows:
        (data / "data.csv").write_text("".join(itertools.islice(rows, 1 + ROWS)))
    taxi.trainer_pb2 = SimpleNamespace(
        # Shuffled and started by chance: enough for every run to clear the example's .6.
        TrainArgs=lambda num_steps: trainer_pb2.TrainArgs(num_steps=100),
        EvalArgs=lambda num_steps: trainer_pb2.EvalArgs(num_steps=2),
    )
    pipeline = taxi._create_pipeline(
        pipeline_name="taxi",
        pipeline_root=str(root / "pipelines"),
        data_root=str(data),
        module_file=str(example / "taxi_utils_native_keras.py"),
        serving_model_dir=str(root / "serving_model" / "taxi"),
        metadata_path=str(root / "metadata.db"),
        # As a run of ours has them: TFX would build itself as a package for each job.
        beam_pipeline_args=beam_pipeline_args([HERE, "--direct_num_workers=1"]),
    )
    LocalDagRunner().run(pipeline)


def _unpacked(pip_dependency: str, temp_dir: str | None = None) -> str:
    """The folder in which the module of a wheel is, as pip would have put it there."""
    folder = temp_dir or tempfile.mkdtemp()
    with zipfile.ZipFile(pip_dependency) as files:
        files.extractall(folder)
    return folder


if __name__ == "__main__":
    main()
