"""Errors as TensorFlow Serving reports them: a canonical code and a message."""

from __future__ import annotations

import enum
import http


class Code(enum.IntEnum):
    """Canonical codes (google/rpc/code.proto), shared by TensorFlow and gRPC."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


CLIENT_CLOSED_REQUEST = 499

_HTTP_STATUS = {
    Code.OK: http.HTTPStatus.OK,
    Code.CANCELLED: CLIENT_CLOSED_REQUEST,
    Code.INVALID_ARGUMENT: http.HTTPStatus.BAD_REQUEST,
    Code.DEADLINE_EXCEEDED: http.HTTPStatus.GATEWAY_TIMEOUT,
    Code.NOT_FOUND: http.HTTPStatus.NOT_FOUND,
    Code.ALREADY_EXISTS: http.HTTPStatus.CONFLICT,
    Code.PERMISSION_DENIED: http.HTTPStatus.FORBIDDEN,
    Code.RESOURCE_EXHAUSTED: http.HTTPStatus.TOO_MANY_REQUESTS,
    Code.FAILED_PRECONDITION: http.HTTPStatus.BAD_REQUEST,
    Code.ABORTED: http.HTTPStatus.CONFLICT,
    Code.OUT_OF_RANGE: http.HTTPStatus.BAD_REQUEST,
    Code.UNIMPLEMENTED: http.HTTPStatus.NOT_IMPLEMENTED,
    Code.UNAVAILABLE: http.HTTPStatus.SERVICE_UNAVAILABLE,
    Code.UNAUTHENTICATED: http.HTTPStatus.UNAUTHORIZED,
}


def http_status(code: Code) -> int:
    """The HTTP status for a code (tensorflow/serving model_servers/http_server.cc)."""
    return int(_HTTP_STATUS.get(code, http.HTTPStatus.INTERNAL_SERVER_ERROR))


class StatusError(RuntimeError):
    """A request or a load that failed, with the code and text that clients see."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def described(self) -> str:
        """Code and message in one text, as `absl::Status` prints itself."""
        return f"{self.code.name}: {self.message}"


def invalid_argument(message: str) -> StatusError:
    """The most frequent error."""
    return StatusError(Code.INVALID_ARGUMENT, message)


def fault(error: Exception) -> StatusError:
    """INTERNAL, for what is a bug here, or of the machine; the log alone has the rest."""
    what = "has no memory left (MemoryError)" if isinstance(error, MemoryError) else "failed"
    return StatusError(Code.INTERNAL, f"The server {what} at this request; its log says more")
