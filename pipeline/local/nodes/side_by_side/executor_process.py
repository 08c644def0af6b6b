"""An executor in a process of its own: what the run sends there, and what comes back."""

from __future__ import annotations

import json
import logging
import signal
import threading
from typing import TYPE_CHECKING, Any

from pipeline.local.failures import carried_error
from pipeline.local.failures.failure import own_code
from pipeline.local.failures.interruption import SIGNALS, Interruption
from pipeline.local.nodes.side_by_side.zygote import Connection, Zygote

if TYPE_CHECKING:
    from google.protobuf import message
    from tfx.orchestration.portable import data_types
    from tfx.proto.orchestration import execution_result_pb2

_PROGRESS, _OUTPUT, _ERROR = b"p", b"o", b"e"
_SHOWN = ("step", "total", "eta")
"""Of progress records, see pipeline/local/display/terminal.py."""


class ExecutorGoneError(RuntimeError):
    """The process of an executor ended without a word."""


def execute(
    zygote: Zygote, spec: message.Message, info: data_types.ExecutionInfo
) -> execution_result_pb2.ExecutorOutput:
    """What the executor returns, which works in a process of its own; its progress is shown here.

    Args:
      zygote: forks the process.
      spec: of the executor.
      info: of the execution.

    Raises:
      ExecutorGoneError: something ended the process.
      KeyboardInterrupt: it was told to end.
      pipeline.local.nodes.side_by_side.zygote.ZygoteError: there is no process.
      Exception: what the executor raised, see pipeline/local/failures/carried_error.py.
    """
    from tfx.proto.orchestration import execution_result_pb2

    assert info.pipeline_node is not None  # The launcher always says which one.
    node = info.pipeline_node.node_info.id
    output: execution_result_pb2.ExecutorOutput | None = None
    error: BaseException | None = None
    with zygote.fork() as child:
        try:
            child.connection.send_bytes(spec.DESCRIPTOR.full_name.encode())
            child.connection.send_bytes(spec.SerializeToString())
            child.connection.send_bytes(info.to_proto().SerializeToString())
            # It is waited for after its last word, too: until then it has its memory.
            while not child.has_ended():
                told = child.connection.recv_bytes()
                kind, content = told[:1], told[1:]
                if kind == _PROGRESS:
                    _show(node, json.loads(content))
                elif kind == _OUTPUT:
                    output = execution_result_pb2.ExecutorOutput.FromString(content)
                else:
                    error = carried_error.unpack(json.loads(content))
        except (EOFError, OSError):
            pass  # It has ended, which its exit code says better.
        code = child.exit_code()
    if error is not None:
        raise error
    if output is None:
        raise ExecutorGoneError(_end(code))
    return output


def work(connection: Connection) -> None:
    """All that the process does: one executor, from the words of `execute` to the answer."""
    lock = threading.Lock()

    def send(kind: bytes, content: bytes) -> None:
        with lock:
            connection.send_bytes(kind + content)

    with Interruption():
        try:
            # They were held back while nobody would have answered them.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            progress = logging.getLogger("progress")
            progress.handlers, progress.propagate = [_Sender(send)], False
            output = _executed(*(connection.recv_bytes() for _ in range(3)))
        except BaseException as error:
            logging.getLogger(__name__).exception("The executor failed.")
            carried = carried_error.pack(error, own_code(error))
            send(_ERROR, json.dumps(carried).encode("ascii"))
        else:
            send(_OUTPUT, output.SerializeToString())


def _executed(kind: bytes, spec: bytes, info: bytes) -> execution_result_pb2.ExecutorOutput:
    from tfx.orchestration.portable import data_types
    from tfx.proto.orchestration import execution_invocation_pb2

    from pipeline.local.nodes.operators import EXECUTABLE, run_here

    return run_here(
        EXECUTABLE[kind.decode()].FromString(spec),
        data_types.ExecutionInfo.from_proto(
            execution_invocation_pb2.ExecutionInvocation.FromString(info)
        ),
    )


class _Sender(logging.Handler):
    """Has the process of the run show a progress record."""

    def __init__(self, send: Any):
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        document = {
            "level": record.levelno,
            "text": record.getMessage(),
            **{name: getattr(record, name) for name in _SHOWN if hasattr(record, name)},
        }
        # Who is not there to see it, ends this process.
        self._send(_PROGRESS, json.dumps(document, default=float).encode("ascii"))


def _show(node: str, document: dict[str, Any]) -> None:
    level, text = document.pop("level"), document.pop("text")
    record = {"name": "progress", "levelno": level, "levelname": logging.getLevelName(level)}
    logging.getLogger("progress").handle(
        logging.makeLogRecord({**record, "msg": text, "node": node, **document})
    )


def _end(code: int | None) -> str:
    if code is None:
        return (
            "No process could be started for it, or kept: end other programs, and run the same"
            " command again, with --jobs 1 where that does not help."
        )
    if code >= 0:
        return "Its process ended without a word; run the same command again."
    if -code == signal.SIGKILL:
        return (
            "Its process was killed, as the system does where memory is short: end other programs,"
            " or run the same command again with --jobs 1."
        )
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"Its process was ended by {name}; the log has what it wrote until then."
