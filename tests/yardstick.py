"""How slow this machine is just now, for limits in CPU seconds.

A core whose other half or whose cache something else uses takes longer over the same work, and an
older one does always: a limit in seconds alone is one on the machine.
"""

from __future__ import annotations

import json
import time

_USUAL_SECONDS = 0.06
"""CPU time of the work on a server's core of 2023 that nothing else uses."""
_BODY = "[" + '{"x":0.5},' * 2_000 + "1]"


def slowness() -> float:
    """CPU time of some work of Python's, as a multiple of the usual; at least 1."""
    began = time.process_time()
    for _ in range(40):
        json.loads(_BODY)
        sum({str(number): number for number in range(3_000)}.values())
    return max(1.0, (time.process_time() - began) / _USUAL_SECONDS)
