"""The ExampleGen node for rows of any format."""

from __future__ import annotations

from tfx import types
from tfx.components.example_gen.component import FileBasedExampleGen
from tfx.dsl.components.base import executor_spec
from tfx.orchestration import data_types
from tfx.proto import example_gen_pb2, range_config_pb2
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ExecutionParameter

from components.example_gen.component import refuse_windows
from components.example_gen.rows.driver import Driver
from components.example_gen.rows.executor import Executor

INPUT_SPLIT = "rows"
"""Name of the one input split: rows are shared out by what they hold."""


class RowsExampleGenSpec(standard_component_specs.FileBasedExampleGenSpec):
    """The standard specification, with settings and code in the cache key."""

    PARAMETERS = {
        **standard_component_specs.FileBasedExampleGenSpec.PARAMETERS,
        "rows": ExecutionParameter(type=str),
        "declaration": ExecutionParameter(type=str),
        "code_hash": ExecutionParameter(type=str),
    }


class RowsExampleGen(FileBasedExampleGen):
    """Reads rows of any format into tf.Examples, as the kinds of their columns have them.

    An example has every feature that is not ignored and not missing, and the label. Output splits
    are those of train, eval and test that the settings make. New data are told by content.

    Component `outputs` contains:
      `examples`: Examples, with the custom properties `examples_<split>`, `rows`, `quarantined`
      (int) and `fingerprint` (hex sha256 of the files); `quarantine.jsonl` lists bad rows.

    Example:
      example_gen = RowsExampleGen(
          input_base="/data/trips",
          pattern="span-{SPAN}/*.csv",
          rows=RowsSection(format="csv").model_dump_json(),
          declaration=declaration.model_dump_json(),
          code_hash=code_hash("components.example_gen.rows.executor"),
      ).with_id("ExampleGen")
    """

    SPEC_CLASS = RowsExampleGenSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
    DRIVER_CLASS = Driver

    def __init__(
        self,
        input_base: str | data_types.RuntimeParameter,
        pattern: str,
        rows: str,
        declaration: str,
        code_hash: str,
        range_config: range_config_pb2.RangeConfig | None = None,
    ):
        """Checks what can be known before the files are.

        Args:
          input_base: folder or URI, in whose name nothing is a wildcard.
          pattern: files or folders below it; may hold *, ?, {SPAN} and {VERSION}.
          rows: JSON of a components.example_gen.rows.options.RowsSection.
          declaration: JSON of a models.declaration.Declaration.
          code_hash: digest of the code behind the node.
          range_config: which span to take; the latest when not given.

        Raises:
          ValueError: more than one span is asked for.
        """
        refuse_windows(range_config)
        # FileBasedExampleGen.__init__ would build its own specification, without our parameters.
        super(FileBasedExampleGen, self).__init__(
            spec=RowsExampleGenSpec(
                input_base=input_base,
                input_config=example_gen_pb2.Input(
                    splits=[example_gen_pb2.Input.Split(name=INPUT_SPLIT, pattern=pattern)]
                ),
                output_config=example_gen_pb2.Output(),
                output_data_format=example_gen_pb2.FORMAT_TF_EXAMPLE,
                output_file_format=example_gen_pb2.FILE_FORMAT_UNSPECIFIED,
                range_config=range_config,
                rows=rows,
                declaration=declaration,
                code_hash=code_hash,
                examples=types.Channel(type=standard_artifacts.Examples),
            )
        )
