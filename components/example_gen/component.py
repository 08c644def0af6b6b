"""The ExampleGen node for IDX files."""

from __future__ import annotations

from tfx import types
from tfx.components.example_gen.component import FileBasedExampleGen
from tfx.dsl.components.base import executor_spec
from tfx.orchestration import data_types
from tfx.proto import example_gen_pb2, range_config_pb2
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ExecutionParameter

from components.example_gen.driver import Driver
from components.example_gen.executor import Executor
from components.example_gen.inputs import default_input_config
from components.example_gen.shards import EVAL, TRAIN


class IdxExampleGenSpec(standard_component_specs.FileBasedExampleGenSpec):
    """The standard specification, with the split, the sharding and the code in the cache key."""

    PARAMETERS = {
        **standard_component_specs.FileBasedExampleGenSpec.PARAMETERS,
        "eval_examples": ExecutionParameter(type=int),
        "shards": ExecutionParameter(type=int),
        "declaration": ExecutionParameter(type=str),
        "code_hash": ExecutionParameter(type=str),
    }


class IdxExampleGen(FileBasedExampleGen):
    """Reads IDX files of images and labels into tf.Examples.

    An example has two features, named as the declaration has them: the image (one bytes value:
    pixels, row-major uint8) and the label (int64: the index of a class). Output splits: `train`,
    `eval` (the last `eval_examples` of the training images) and `test`. New data is told by
    content, so new modification times change nothing.

    Component `outputs` contains:
      `examples`: Examples, with the custom properties `examples_train`, `examples_eval`,
      `examples_test` (int) and `fingerprint` (hex sha256 of the files).

    Example:
      example_gen = IdxExampleGen(
          input_base="/data/letters",
          declaration=declaration.model_dump_json(),
          eval_examples=5_000,
          shards=2,
          code_hash=code_hash("components.example_gen.executor", "components.example_gen.driver"),
      ).with_id("ExampleGen")
    """

    SPEC_CLASS = IdxExampleGenSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
    DRIVER_CLASS = Driver

    def __init__(
        self,
        input_base: str | data_types.RuntimeParameter,
        eval_examples: int,
        shards: int,
        declaration: str,
        code_hash: str,
        input_config: example_gen_pb2.Input | None = None,
        range_config: range_config_pb2.RangeConfig | None = None,
    ):
        """Checks what can be known before the files are.

        Args:
          input_base: folder or URI of the IDX files.
          eval_examples: how many of the last training images are held out for the Evaluator.
          shards: TFRecord files of split train; other splits get files of about that size.
          declaration: JSON of a models.declaration.Declaration of one image and classes.
          code_hash: digest of the code behind the node.
          input_config: input splits, `train` among them, with patterns that may hold {SPAN} and
            {VERSION}; the official MNIST file names when not given.
          range_config: which span to take; the latest when not given.

        Raises:
          ValueError: an argument is out of range, or asks for more than one span.
        """
        if eval_examples < 1:
            raise ValueError(f"eval_examples = {eval_examples} must be at least 1.")
        if shards < 1:
            raise ValueError(f"shards = {shards} must be at least 1.")
        refuse_windows(range_config)
        input_config = input_config or default_input_config()
        names = [split.name for split in input_config.splits]
        if TRAIN not in names or EVAL in names:
            raise ValueError(
                f"input_config has splits {names}: needs {TRAIN}, from which {EVAL} is taken."
            )
        # FileBasedExampleGen.__init__ would build its own specification, without our parameters.
        super(FileBasedExampleGen, self).__init__(
            spec=IdxExampleGenSpec(
                input_base=input_base,
                input_config=input_config,
                output_config=example_gen_pb2.Output(),
                output_data_format=example_gen_pb2.FORMAT_TF_EXAMPLE,
                output_file_format=example_gen_pb2.FILE_FORMAT_UNSPECIFIED,
                range_config=range_config,
                eval_examples=eval_examples,
                shards=shards,
                declaration=declaration,
                code_hash=code_hash,
                examples=types.Channel(type=standard_artifacts.Examples),
            )
        )


def refuse_windows(range_config: range_config_pb2.RangeConfig | None) -> None:
    """Refuses several spans, of which TFX's driver says so only when the pipeline runs.

    Raises:
      ValueError: there is more than one.
    """
    if range_config is None:
        return
    span = range_config.static_range
    window = range_config.rolling_range.num_spans if range_config.HasField("rolling_range") else 1
    if window != 1 or span.start_span_number != span.end_span_number:
        raise ValueError(
            "range_config asks for several spans, but TFX's ExampleGen takes one per run; name one "
            "in static_range, or copy the last spans into one folder."
        )
