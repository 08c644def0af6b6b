"""Reference requests: examples whose right answers are known, to ask a model server about."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.serving_check.expected import sized
from components.serving_check.feeds import feed_array, instances
from components.serving_check.options import NodeOptions
from components.serving_check.reference import read_reference
from documents.tolerance import Tolerance

COUNT = 8


@dataclasses.dataclass(frozen=True)
class ReferenceRequest:
    """A request to one signature, and what the trained model answered in Python."""

    signature: str
    instances: list[Any]
    """JSON instances, one per example."""
    output: str
    """The output that is compared."""
    expected: NDArray[np.float32]
    """[number of examples, number of labels]"""
    tolerance: Tolerance

    def problem(self, predictions: Any) -> str | None:
        """How a server's predictions differ from what is expected; None when they do not.

        Args:
          predictions: one item per instance, as RestClient.predict returns them.
        """
        try:
            values = [row[self.output] if isinstance(row, dict) else row for row in predictions]
            found = np.array(values, np.float64)
        except (KeyError, TypeError, ValueError):
            return f"{self.signature} answers no numbers for {self.output}"
        if found.ndim == 1 and self.expected.shape[1] == 1:
            found = found[:, None]  # A number for each row.
        if found.shape != self.expected.shape:
            return (
                f"{self.signature} answers {self.output} of shape {list(found.shape)} instead of"
                f" {list(self.expected.shape)}"
            )
        if self.tolerance.holds(found, self.expected):
            return None
        difference = np.abs(found - self.expected)
        return (
            f"{self.signature} answers reference requests with {self.output} up to"
            f" {np.max(difference):.2g} from those of the trained model"
        )


def read_reference_request(model: str, options: NodeOptions) -> ReferenceRequest:
    """The first reference examples of a Model artifact, for the first signature of the options.

    Args:
      model: folder of the Model artifact.
      options: of the serving check, which knows signatures and tolerances.

    Raises:
      MissingReferenceError: the model comes without reference.
      ExampleError: the examples do not hold what the options say.
    """
    reference = read_reference(model)
    name, signature = next(iter(options.signatures.items()))
    return ReferenceRequest(
        signature=name,
        instances=instances(feed_array(signature, reference.examples[:COUNT], options)),
        output=options.output,
        expected=reference.probabilities[:COUNT],
        tolerance=sized(options, reference).parity,
    )
