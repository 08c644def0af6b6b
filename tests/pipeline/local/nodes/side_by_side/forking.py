"""A process that forks as a run does, without TFX: `forking.py kill LOCK` or `forking.py ends`."""

import fcntl
import os
import signal
import sys
import time

from pipeline.local.failures.interruption import SIGNALS, Interruption
from pipeline.local.nodes.side_by_side.zygote import Connection, Zygote


def work(connection: Connection) -> None:
    """Does as it is told."""
    with Interruption():
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            told = connection.recv_bytes()
            connection.send_bytes(b"does " + told)
            if told == b"die":
                os.kill(os.getpid(), signal.SIGKILL)
            if told == b"wait":
                time.sleep(300)
        except KeyboardInterrupt:
            connection.send_bytes(b"interrupted")


def _told(zygote: Zygote, word: bytes):
    child = zygote.fork()
    child.connection.send_bytes(word)
    assert not child.has_ended()
    assert child.connection.recv_bytes() == b"does " + word
    return child


def wait_to_be_killed(lock: str) -> None:
    """Holds a lock, and children that wait."""
    with open(lock, "w") as file, Zygote(work) as zygote:
        fcntl.flock(file, fcntl.LOCK_EX)
        zygote.start()
        _children = [_told(zygote, b"wait") for _ in range(2)]
        print("ready", flush=True)
        time.sleep(300)


def ends() -> None:
    """All ways in which a child ends while its parent lives."""
    with Zygote(work) as zygote:
        zygote.start()
        with _told(zygote, b"nothing") as child, _told(zygote, b"die") as dying:
            print("exit", child.exit_code(), dying.exit_code())
        waiting = [_told(zygote, b"wait") for _ in range(2)]
        zygote.interrupt()
        print(*(child.connection.recv_bytes().decode() for child in waiting))
        print("exit", *(child.exit_code() for child in waiting))
        try:
            zygote.fork()
        except KeyboardInterrupt:
            print("no other one starts")


if __name__ == "__main__":
    if sys.argv[1] == "kill":
        wait_to_be_killed(sys.argv[2])
    else:
        ends()
