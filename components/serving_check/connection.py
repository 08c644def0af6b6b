"""One HTTP connection to a model server, for requests that no client library would send."""

from __future__ import annotations

import http.client
import urllib.parse
from types import TracebackType

from typing_extensions import Self

TIMEOUT_SECONDS = 30.0


class Connection:
    """A connection that stays open between requests, so that a timing is the server's own."""

    def __init__(self, rest_url: str) -> None:
        """Connects with the first request.

        Args:
          rest_url: such as `http://127.0.0.1:8501`.
        """
        self._connection = http.client.HTTPConnection(
            urllib.parse.urlsplit(rest_url).netloc, timeout=TIMEOUT_SECONDS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Sends any request, however malformed, and returns status and body of the answer.

        Raises:
          OSError: there is no answer, or it is not HTTP.
        """
        try:
            self._connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            self._connection.close()
            raise ConnectionError(f"no HTTP answer ({type(error).__name__})") from error
        except OSError:
            self._connection.close()
            raise
