"""Brings the folder of the exports into the cache key of variants."""

from __future__ import annotations

from pathlib import Path

from tfx.dsl.components.base import base_driver
from tfx.orchestration import data_types_utils
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2

from documents.place_id import place_id

EXPORTS_ID_KEY = "exports_id"
_FILE = ".id"


class Driver(base_driver.BaseDriver):
    """Adds the execution property `exports_id`.

    Without it TFX would take variants from its cache although their folder was deleted since, or
    is that of another machine which only has the same path.
    """

    def run(self, execution_info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        """Looks at the folder, and makes it where there is none.

        Raises:
          OSError: it cannot be made.
        """
        properties = execution_info.exec_properties
        folder = Path(str(properties["exports"]), str(properties["model_name"]))
        output = driver_output_pb2.DriverOutput()
        data_types_utils.set_metadata_value(
            output.exec_properties[EXPORTS_ID_KEY], place_id(folder / _FILE)
        )
        return output
