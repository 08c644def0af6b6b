from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.data_types import RuntimeParameter
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto import example_gen_pb2, range_config_pb2

from components.example_gen.component import IdxExampleGen
from components.example_gen.idx import IdxError
from tests.components.example_gen.declared import DECLARATION

COMPLETE = metadata_store_pb2.Execution.COMPLETE
CACHED = metadata_store_pb2.Execution.CACHED


def example_gen(input_base: Any, **arguments: Any) -> IdxExampleGen:
    defaults = {
        "eval_examples": 5,
        "shards": 2,
        "code_hash": "1",
        "declaration": DECLARATION.model_dump_json(),
    }
    node = IdxExampleGen(input_base=input_base, **{**defaults, **arguments})
    return node.with_id("ExampleGen")


def run(node: IdxExampleGen, root: Path) -> int:
    """Runs a pipeline of this one node and returns the state of its execution."""
    root.mkdir(exist_ok=True)
    connection = metadata.sqlite_metadata_connection_config(str(root / "metadata.db"))
    LocalDagRunner().run(
        pipeline.Pipeline(
            pipeline_name="one_node",
            pipeline_root=str(root / "artifacts"),
            components=[node],
            enable_cache=True,
            metadata_connection_config=connection,
        )
    )
    with metadata.Metadata(connection) as handle:
        return max(handle.store.get_executions(), key=lambda e: e.id).last_known_state


@pytest.mark.medium
def test_it_runs_again_only_for_new_content_code_or_settings(
    tmp_path: Path, write_folder: Callable[..., Path]
):
    data, root = write_folder(tmp_path / "data"), tmp_path / "root"
    assert run(example_gen(str(data)), root) == COMPLETE
    assert run(example_gen(str(data)), root) == CACHED
    for file in data.iterdir():
        os.utime(file, (0, 0))
    assert run(example_gen(str(data)), root) == CACHED
    assert run(example_gen(str(data), code_hash="2"), root) == COMPLETE
    assert run(example_gen(str(data), eval_examples=6), root) == COMPLETE
    other = DECLARATION.label.model_copy(update={"values": list("abcdefghij")})
    renamed = DECLARATION.model_copy(update={"label": other}).model_dump_json()
    assert run(example_gen(str(data), declaration=renamed), root) == COMPLETE
    write_folder(data, seed=1)
    for file in data.iterdir():
        os.utime(file, (0, 0))
    assert run(example_gen(str(data)), root) == COMPLETE


def test_bad_data_reaches_the_caller_as_a_sentence(
    tmp_path: Path, write_folder: Callable[..., Path]
):
    labels = write_folder(tmp_path / "data") / "t10k-labels-idx1-ubyte.gz"
    labels.write_bytes(labels.read_bytes()[:-9])
    with pytest.raises(IdxError, match=f"^{labels} is truncated: [^\n]*\\.$"):
        run(example_gen(str(labels.parent)), tmp_path / "root")
    labels.unlink()
    with pytest.raises(IdxError, match=f"^Missing {tmp_path}/data/t10k-labels[^\n]*\\.$"):
        run(example_gen(str(labels.parent)), tmp_path / "root")


@pytest.mark.medium
def test_it_compiles_for_kubeflow_with_the_folder_as_a_parameter(tmp_path: Path):
    # Half a CPU second that others spare.
    from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner

    runner = kubeflow_v2_dag_runner.KubeflowV2DagRunner(
        kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(
            default_image="image:1", use_pipeline_spec_2_1=True
        ),
        output_dir=str(tmp_path),
        output_filename="pipeline.yaml",
    )
    folder = RuntimeParameter("data_folder", str, default="/data")
    runner.run(
        pipeline.Pipeline("one-node", str(tmp_path / "root"), components=[example_gen(folder)])
    )
    compiled = yaml.safe_load((tmp_path / "pipeline.yaml").read_text())
    parameters = compiled["root"]["dag"]["tasks"]["ExampleGen"]["inputs"]["parameters"]
    assert parameters["input_base"] == {"componentInputParameter": "data_folder"}
    assert parameters["eval_examples"]["runtimeValue"]["constant"] == 5


@pytest.mark.parametrize("argument", ["eval_examples", "shards"])
def test_numbers_below_1_are_refused(argument: str):
    with pytest.raises(ValueError, match=f"{argument} = 0 must be at least 1"):
        example_gen("/data", **{argument: 0})


def test_an_input_without_train_is_refused():
    config = example_gen_pb2.Input(splits=[example_gen_pb2.Input.Split(name="a", pattern="*")])
    with pytest.raises(ValueError, match=r"input_config has splits \['a'\]: needs train"):
        example_gen("/data", input_config=config)


@pytest.mark.parametrize(
    "range_config",
    [
        range_config_pb2.RangeConfig(rolling_range=range_config_pb2.RollingRange(num_spans=3)),
        range_config_pb2.RangeConfig(
            static_range=range_config_pb2.StaticRange(start_span_number=1, end_span_number=3)
        ),
    ],
)
def test_a_window_over_spans_is_refused_before_the_pipeline_runs(range_config):
    with pytest.raises(ValueError, match="takes one per run"):
        IdxExampleGen(
            input_base="in",
            eval_examples=1,
            shards=1,
            code_hash="",
            declaration="{}",
            range_config=range_config,
        )
