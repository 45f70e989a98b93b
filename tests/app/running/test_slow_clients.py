"""Clients that are slow or say nothing keep nobody waiting: the product sees a request when all of it is there."""

import io
import socket
import time

import pytest
from tests.app.running.test_serve import environ, is_well, port, served, wait_until

from karma.web import LARGEST, read_first

__all__ = ["environ", "port", "served"]
HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "
BODY = b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nlogin="
QUICK = 5.0


def dribble(clients: list[socket.socket]) -> None:
    for client in clients:
        client.sendall(b"x")


def has_hung_up(client: socket.socket) -> bool:
    """Whether the server gave up on a client, with or without a word."""
    try:
        while client.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


@pytest.mark.slow
def test_slow_clients_keep_nobody_waiting_and_are_hung_up_on(served, port):
    assert wait_until(lambda: is_well(port))
    clients = [socket.create_connection(("127.0.0.1", port), timeout=0.5) for _ in range(150)]
    heads, bodies = clients[:25], clients[25:50]  # the other hundred say nothing
    for client in heads:
        client.sendall(HEAD)
    for client in bodies:
        client.sendall(BODY)
    slowest = 0.0
    for _ in range(4):
        dribble([*heads, *bodies])
        begun = time.monotonic()
        assert is_well(port)
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(1)
    assert slowest < QUICK
    assert wait_until(lambda: [place for place in range(0, 150, 10) if not has_hung_up(clients[place])] == [])
    for client in clients:
        client.close()


class Said(list):
    def close(self):
        """As every answer of Django's can."""


class Answer:
    """A WSGI server that keeps the status, and a product that says what body it saw."""

    def __init__(self) -> None:
        self.status = ""

    def start(self, status, _headers):
        self.status = status

    def product(self, environ, start_response):
        start_response("200 OK", [])
        return Said([environ["wsgi.input"].read()])

    def ask(self, body, length: str) -> tuple[str, bytes]:
        environ = {"CONTENT_LENGTH": length, "wsgi.input": body}
        said = b"".join(read_first(self.product)(environ, self.start))
        return self.status, said


class Gone(io.BytesIO):
    def read(self, *_):
        raise ConnectionResetError


@pytest.mark.parametrize(
    ("body", "length", "status"),
    [
        (io.BytesIO(b"x=1"), "3", "200 OK"),
        (io.BytesIO(b"y" * 3_000_000), "3000000", "200 OK"),
        (io.BytesIO(b""), "", "200 OK"),
        (io.BytesIO(b"x="), "3", "400 Bad Request"),
        (Gone(b"x=1"), "3", "408 Request Timeout"),
        (io.BytesIO(b"x=1"), str(LARGEST + 1), "413 Content Too Large"),
    ],
)
def test_product_sees_a_body_when_all_of_it_is_there(body, length, status):
    answered, said = Answer().ask(body, length)
    assert answered == status
    assert status != "200 OK" or said == body.getvalue()
