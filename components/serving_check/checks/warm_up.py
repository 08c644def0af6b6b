"""Can the warm-up file be read back and replayed?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from documents.terminal.counted import counted

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "warm-up"


def measure(served: Served) -> list[str]:
    """Sends each record as a REST request; one that is not answered rightly raises.

    Returns:
      the signature of each record.
    """
    signatures = []
    for signature, array, body in served.warm_up_requests():
        # Each record asks about the first examples of the reference.
        served.demand(signature, range(len(array)), served.send(body))
        signatures.append(signature)
    return signatures


def judge(signatures: Sequence[str], options: Options) -> list[Check]:
    """Passes when the file warms every expected signature up and each record was answered."""
    missing = [name for name in options.signatures if name not in signatures]
    found = f"{counted(len(signatures), 'request')} answered"
    return [
        Check(
            NAME,
            ok=not missing,
            expected=f"answered warm-up requests for {', '.join(options.signatures)}",
            found=f"{found}, none for {', '.join(missing)}" if missing else found,
        )
    ]
