"""An observer that keeps what it is told."""

from pipeline.local.nodes.result import NodeResult


class Recorder:
    """Remembers what an observer is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def run_started(self, nodes) -> None:
        self.told.append(f"run of {', '.join(nodes)}")

    def node_started(self, node: str) -> None:
        self.told.append(f"{node} started")

    def node_finished(self, result: NodeResult) -> None:
        self.told.append(f"{result.node} {result.state}")
