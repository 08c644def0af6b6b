"""Everything that one serving check found, as a document."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pydantic

from components.serving_check.checks.accuracy import Accuracy
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.check import Check, refusal
from components.serving_check.checks.comparison import Comparison
from components.serving_check.checks.latency import Latency
from components.serving_check.checks.malformed import Refused
from components.serving_check.checks.memory import Memory
from components.serving_check.checks.parity import Parity
from components.serving_check.checks.rollout import Rollout
from documents.reader import parse
from documents.serving_report import Cost, ServingReport
from documents.serving_verdict import CheckRow, ServingVerdict


@dataclasses.dataclass(frozen=True)
class Report:
    """The verdict and the evidence behind it; what was not measured is None."""

    model_name: str
    backend: str
    """Which model server answered."""
    data_source: str
    """Where the examples came from, as the pipeline said."""
    checks: tuple[Check, ...]
    parity: tuple[Parity, ...] | None = None
    asked: tuple[tuple[str, tuple[Asked, ...]], ...] = ()
    """By name of the check: what was asked to hold outputs, sizes, paths, encodings, inputs."""
    malformed: tuple[Refused, ...] | None = None
    latency: Latency | None = None
    comparison: Comparison | None = None
    accuracy: Accuracy | None = None
    memory: Memory | None = None
    rollout: Rollout | None = None
    cost: Cost | None = None

    @property
    def blessed(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)

    @property
    def reason(self) -> str | None:
        """Why the candidate is refused, one sentence; None when it is blessed."""
        return refusal(self.checks)

    @property
    def document(self) -> ServingReport:
        """The document with verdict first; `parse_report` reads it back."""
        evidence = json.loads(_REPORT.dump_json(self))
        said = {"blessed": self.blessed, "reason": self.reason, **evidence}
        return parse(ServingReport, json.dumps(said).encode())

    def verdict(self, **keys: Any) -> ServingVerdict:
        """What other components and the runners' summaries need of it.

        Args:
          keys: what the report does not know.
        """
        if self.latency:
            keys["latency_ms"] = {"p50": self.latency.p50, "p99": self.latency.p99}
        if self.accuracy:
            keys["test_r2" if self.accuracy.is_r2 else "test_accuracy"] = self.accuracy.value
            keys["test_examples"] = self.accuracy.examples
        return ServingVerdict(
            blessed=self.blessed,
            reason=self.reason,
            backend=self.backend,
            checks=tuple(CheckRow(**dataclasses.asdict(check)) for check in self.checks),
            **keys,
        )


def parse_report(text: str) -> Report:
    """Reads what `Report.document` became.

    Raises:
      pydantic.ValidationError: the text is no report.
    """
    return _REPORT.validate_json(text)


_REPORT = pydantic.TypeAdapter(Report)
