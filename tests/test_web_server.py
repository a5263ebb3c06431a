"""Slow, half-open and odd clients do not stop the web server."""

import contextlib
import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.database import ROOT
from digest.web_server import is_complete
from tests.waiting import wait_until

SLOW_CLIENTS = 60
THREADS = 2


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "tests.web_server_app:app", "--bind", f"127.0.0.1:{number}"),
        *(
            "--worker-class",
            "tests.web_server_app.QuickWorker",
            "--threads",
            str(THREADS),
            "--log-level",
            "warning",
        ),
    ]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            wait_until(lambda: can_connect(number), 30)
            yield number
        finally:
            server.terminate()


def can_connect(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def get(port: int, path: str = "/", body: bytes | None = None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST" if body is not None else "GET", path, body)
    with contextlib.closing(connection):
        return connection.getresponse().read()


def open_clients(port: int, octets: bytes) -> list[socket.socket]:
    clients = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(SLOW_CLIENTS)]
    for client in clients:
        client.sendall(octets)
    return clients


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nonly a part",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_clients_that_send_a_part_hold_no_thread_and_are_closed(port: int, octets: bytes) -> None:
    clients = open_clients(port, octets)
    assert get(port) == b"0"
    for client in clients:
        with client:
            client.settimeout(10)
            with contextlib.suppress(ConnectionResetError):
                assert client.recv(100) == b""


def test_clients_that_do_not_read_hold_no_thread(port: int) -> None:
    clients = open_clients(port, b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
    assert get(port) == b"0"
    for client in clients:
        client.close()


def test_whole_requests_are_answered_on_one_connection(port: int) -> None:
    request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(request + request + last)  # in one piece
        answers = b""
        while octets := client.recv(10_000):
            answers += octets
    assert [answer[-1:] for answer in answers.split(b"HTTP/1.1 200 OK")[1:]] == [b"3", b"3", b"0"]


def test_a_large_upload_arrives_whole(port: int) -> None:
    assert get(port, body=b"y" * 2_000_000) == b"2000000"


@given(st.binary(max_size=200), st.integers(0, 300))
def test_a_request_is_complete_with_its_last_octet_and_not_before(body: bytes, cut: int) -> None:
    request = b"POST / HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: %d\r\n\r\n" % len(body) + body
    assert is_complete(request)
    assert not is_complete(request[: min(cut, len(request) - 1)])


@given(st.binary(max_size=300))
def test_any_octets_can_be_looked_at(octets: bytes) -> None:
    assert is_complete(octets) in (True, False)
