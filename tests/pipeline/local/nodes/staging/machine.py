"""Runs of the nodes beside this file, each of which may be one in a process that is killed."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from pathlib import Path

from tfx.orchestration import metadata, pipeline

from pipeline.local.nodes.launch import launch
from pipeline.local.nodes.result import NodeResult
from serving.base_path import storage
from tests.pipeline.local.nodes.recorder import Recorder

NODES = Path(__file__).parent


@dataclasses.dataclass
class Machine:
    """A ROOT, whose runs have their artifacts in a bucket."""

    folder: Path
    artifacts: str
    database: Path
    numbers: itertools.count = dataclasses.field(default_factory=itertools.count)

    def run(self, text: str = "a") -> dict[str, NodeResult]:
        # TFX imports the code of a node by module name.
        if str(NODES) not in sys.path:
            sys.path.insert(0, str(NODES))
        import staged_nodes

        written = staged_nodes.Write(text=text)
        built = pipeline.Pipeline(
            pipeline_name="small",
            pipeline_root=self.artifacts,
            components=[written, staged_nodes.Read(schema=written.outputs["schema"])],
            enable_cache=True,
            metadata_connection_config=metadata.sqlite_metadata_connection_config(
                str(self.database)
            ),
        )
        name = f"run-{self.folder.name}-{next(self.numbers)}"
        results = launch(built, name, Recorder(), copies=self.copies)
        return {result.node: result for result in results}

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    def files(self) -> list[str]:
        """Of artifacts that are kept here."""
        return sorted(
            str(path.relative_to(self.copies / self.artifacts.replace("://", "/")))
            for path in self.copies.rglob("*")
            if path.is_file()
        )

    def objects(self, node: str) -> list[str]:
        try:
            found = storage.files(f"{self.artifacts}/{node}")
        except FileNotFoundError:
            return []
        return [path for path in found if not path.startswith(".system/")]


if __name__ == "__main__":
    folder, artifacts, text = sys.argv[1:]
    Machine(Path(folder), artifacts, Path(folder, "metadata.db")).run(text)
