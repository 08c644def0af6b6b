"""A connection to a server that can be cut at any byte, or lead to an ill server instead."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable
from types import TracebackType


class Wire:
    """Passes bytes on, in both directions, between clients and one server."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.port = 0
        """Of the server, to be set before anybody connects."""
        self.passed = 0
        """Bytes since the last call of `cut_at` or `mend`."""
        self._cut_at: int | None = None
        self._for_good = False
        self._at_cut: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._ill = _Ill()
        self._ill_left = 0

    def cut_at(
        self, byte: int, *, for_good: bool = False, then: Callable[[], None] = lambda: None
    ) -> None:
        """Cuts the connection over which the byte with this number would pass.

        Args:
          byte: counted from now on, over all connections and both directions.
          for_good: no later connection gets through either.
          then: is called at that moment.
        """
        with self._lock:
            self.passed, self._cut_at, self._for_good, self._at_cut = 0, byte, for_good, then

    def ill(self, times: int, status: int) -> None:
        """The next connections lead to a server that answers each request with `status`."""
        with self._lock:
            self._ill_left, self._ill.status, self._ill.asked = times, status, 0
        self._drop()

    @property
    def ill_answers(self) -> int:
        """How often that server was asked."""
        return self._ill.asked

    def mend(self) -> None:
        """All is well again."""
        with self._lock:
            self.passed, self._cut_at, self._for_good, self._ill_left = 0, None, False, 0

    def __enter__(self) -> Wire:
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Thread(target=self._ill.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._drop()
        self._ill.shutdown()
        self._ill.server_close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                down = self._for_good and self._is_cut()
                port = self._ill.server_port if self._ill_left > 0 else self.port
                self._ill_left -= 1
            if down:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", port))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _is_cut(self) -> bool:
        return self._cut_at is not None and self.passed >= self._cut_at

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(1 << 16):
                with self._lock:
                    before, cut_at = self.passed, self._cut_at
                    self.passed += len(chunk)
                    cut = cut_at is not None and before < cut_at <= before + len(chunk)
                    down = cut_at is not None and before >= cut_at and self._for_good
                if down:
                    break
                if cut:
                    target.sendall(chunk[: (cut_at or 0) - before])
                    self._at_cut()
                    break
                target.sendall(chunk)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with self._lock:
            self._open -= {source, target}

    def _drop(self) -> None:
        with self._lock:
            ends = list(self._open)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Ill(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _IllHandler)
        self.status = 503
        self.asked = 0


class _IllHandler(http.server.BaseHTTPRequestHandler):
    server: _Ill

    def _answer(self) -> None:
        self.server.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        if not name.startswith("do_"):
            raise AttributeError(name)
        return self._answer

    def log_message(self, *arguments: object) -> None:
        pass
