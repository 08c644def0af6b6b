"""How the children of this process end, told to whoever waits for them."""

from __future__ import annotations

import contextlib
import signal


def tell_how_they_end() -> None:
    """Has the system keep the exit codes of children, which it forgets where whoever started this
    process ignored SIGCHLD: a server that was killed would have ended with exit code 0, and its
    model would be to blame.

    Only the main thread of a process can change that; in another one nothing happens.
    """
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
