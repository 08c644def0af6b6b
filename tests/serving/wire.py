"""A connection to a server that can be cut at any byte, or lead to an ill server instead."""

from __future__ import annotations

import contextlib
import http.server
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType


class Wire:
    """Passes bytes on, in both directions, between clients that speak TLS and one server.

    TLS ends here, so that bytes are counted and cut as the client and the server mean them.
    """

    def __init__(self, tls: ssl.SSLContext, host: str = "127.0.0.1", port: int = 0) -> None:
        self.tls = tls
        """What later connections are greeted with."""
        self._listening = socket.create_server(("127.0.0.1", port), backlog=64)
        self.url = f"https://{host}:{self._listening.getsockname()[1]}"
        self.port = 0
        """Of the server, to be set before anybody connects."""
        self.server_tls: ssl.SSLContext | None = None
        """What the server is greeted with; None where it speaks no TLS."""
        self.passed = 0
        """Bytes since the last call of `cut_at` or `mend`."""
        self._cut_at: int | None = None
        self._for_good = False
        self._at_cut: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.instead: Mapping[bytes, bytes] = {}
        """What a client sends and a server does not bear, and what it gets."""
        self._ill = _Ill()
        self._ill_left = 0
        self.greetings_to_cut = 0
        """How many of the next connections end in the middle of TLS's greeting."""

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
                ill = self._ill_left > 0
                self._ill_left -= 1
            if down:
                client.close()
                continue
            try:
                port = self._ill.server_port if ill else self.port
                server = socket.create_connection(("127.0.0.1", port))
                for end in (client, server):
                    # What comes in two pieces would wait for a word about the first one.
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.server_tls and not ill:
                    server = self.server_tls.wrap_socket(server)
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _is_cut(self) -> bool:
        return self._cut_at is not None and self.passed >= self._cut_at

    def _carry(self, plain: socket.socket, server: socket.socket) -> None:
        """One thread for both directions, as OpenSSL has it of each connection."""
        client = plain
        with contextlib.suppress(OSError):
            if self.greetings_to_cut > 0:
                self.greetings_to_cut -= 1
                plain.recv(100)
                raise ConnectionAbortedError
            client = self.tls.wrap_socket(plain, server_side=True)
            with self._lock:
                self._open |= {client, server}
            other = {client: server, server: client}
            while all(
                self._passed(chunk, other[source]) for source, chunk in _received(client, server)
            ):
                pass
        for end in (client, server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with self._lock:
            self._open -= {client, server}

    def _passed(self, chunk: bytes, target: socket.socket) -> bool:
        """Passes bytes on; whether the connection stays."""
        with self._lock:
            before, cut_at = self.passed, self._cut_at
            self.passed = after = before + len(chunk)
        if cut_at is not None and before >= cut_at and self._for_good:
            return False
        if cut_at is not None and before < cut_at <= after:
            target.sendall(chunk[: cut_at - before])
            self._at_cut()
            return False
        for sent, passed in self.instead.items():
            chunk = chunk.replace(sent, passed)
        target.sendall(chunk)
        return bool(chunk)

    def _drop(self) -> None:
        with self._lock:
            ends = list(self._open)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _received(*ends: socket.socket) -> Iterator[tuple[socket.socket, bytes]]:
    """Waits for bytes of either end, of which some may have been decrypted already."""
    waiting = [end for end in ends if isinstance(end, ssl.SSLSocket) and end.pending()]
    for end in waiting or select.select(ends, [], [])[0]:
        # What has arrived may be of TLS itself, and hold no byte.
        end.setblocking(False)
        try:
            chunk = end.recv(1 << 16)
        except ssl.SSLWantReadError:
            continue
        finally:
            end.setblocking(True)
        yield end, chunk


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
