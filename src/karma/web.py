"""What stands between clients and Django, so that a slow one keeps nobody waiting.

Gunicorn's threads wait for whoever is slow. Here a connection gets a thread only when it has something to say, a
request has to come at a pace, and Django sees it only when all of it is there.
"""

import errno
import shutil
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from selectors import EVENT_READ
from tempfile import SpooledTemporaryFile
from typing import Any

from gunicorn.util import close, close_graceful  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

THREADS = 64
"""Of each process; most of them wait for clients, as karma.common.places lets few work at once."""
SECONDS = 10.0
"""To say something, and then for a request; it gets more time only as more of it comes."""
BYTES_A_SECOND = 20_000
SECONDS_FOR_AN_ANSWER = 60.0
LARGEST = 1024**3
IN_MEMORY = 2 * 1024**2
_GONE = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


class Worker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's worker with threads, which slow clients do not use up."""

    def accept(self, listener: socket.socket) -> None:
        """Let a new connection wait without a thread until it says something, or for SECONDS."""
        try:
            client, address = listener.accept()
        except OSError as fault:
            if fault.errno not in _GONE:
                raise
            return
        connection = Connection(self.cfg, client, address, listener.getsockname())
        connection.timeout = time.monotonic() + SECONDS
        self.nr_conns += 1
        self.pending_conns.append(connection)
        self.poller.register(client, EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def handle(self, conn: TConn) -> Any:
        """Read one request and answer it; where it was the last, wait here until the client has it."""
        conn.init()
        if not conn.is_http2:
            conn.parser.unreader.sock = Pace(conn.sock)
        goes_on = super().handle(conn)
        if not goes_on:
            close_graceful(conn.sock)
        return goes_on


class Connection(TConn):  # type: ignore[misc]
    """A connection that ends at once: the one thread that looks after all would wait two seconds for each."""

    def close(self, graceful: bool = False) -> None:  # noqa: ARG002 (as gunicorn asks)
        """Hang up."""
        close(self.sock)


class Pace:
    """A socket that gives up on a client who does not keep up."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.until = time.monotonic() + SECONDS

    def recv(self, size: int) -> bytes:
        """What came. Raises ConnectionResetError, as if the client had gone, where it took too long."""
        self.client.settimeout(max(self.until - time.monotonic(), 0.001))
        try:
            came = self.client.recv(size)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "The client was too slow") from None
        finally:
            self.client.settimeout(SECONDS_FOR_AN_ANSWER)
        self.until += len(came) / BYTES_A_SECOND
        return came


def read_first(application: Application) -> Application:
    """The application, which sees a request only when its body is there: in memory, or in a file if large."""

    def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > LARGEST:
            return _refuse("413 Content Too Large", start_response)
        return _answered(application, environ, start_response) if length else application(environ, start_response)

    return respond


def _answered(
    application: Application, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterator[bytes]:
    """The answer to a request with a body, which goes when all was said."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        try:
            shutil.copyfileobj(environ["wsgi.input"], body, 1024**2)
        except OSError:
            yield from _refuse("408 Request Timeout", start_response)
            return
        if body.tell() < int(environ["CONTENT_LENGTH"]):
            yield from _refuse("400 Bad Request", start_response)
            return
        body.seek(0)
        with closing(application(environ | {"wsgi.input": body}, start_response)) as answer:
            yield from answer


def _refuse(status: str, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """An answer to a client that is no browser of anybody's."""
    start_response(status, [("Content-Type", "text/plain"), ("Connection", "close")])
    return [status.encode()]
