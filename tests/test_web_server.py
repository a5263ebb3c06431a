"""Slow, half-open and odd clients do not stop the web server."""

import contextlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.project_files import ROOT
from digest.request_framing import MAX_BUFFERED, RequestProgress
from tests.waiting import wait_until

SLOW_CLIENTS = 60
THREADS = 2
MOST_CONNECTIONS = 100
CHUNKED_HEADER = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


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
            "--worker-connections",
            str(MOST_CONNECTIONS),
            "--log-level",
            "warning",
        ),
    ]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            wait_until(lambda: can_connect(number), "the web server")
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


@pytest.mark.parametrize(
    "octets",
    [
        CHUNKED_HEADER + b"ff\r\n\r\n0\r\n\r\n",  # the end of a body, inside of a chunk
        CHUNKED_HEADER + b"zz\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000000000000010\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"\r\n\r\nGET / HTTP/1.1\r\nHost:",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 300_000,
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT",  # a whole request, and a part of the next one
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",  # and the client does not close
    ],
    ids=lambda octets: repr(octets[-30:]),
)
def test_clients_whose_request_looks_complete_hold_no_thread(port: int, octets: bytes) -> None:
    clients = open_clients(port, octets)
    started = time.monotonic()
    assert get(port) == b"0"
    assert time.monotonic() - started < 5  # of 30 seconds, if each of them held a thread
    for client in clients:
        client.close()


def test_what_follows_a_body_that_was_cut_is_no_request(port: int) -> None:
    """Else a proxy that forwards requests of several people on one connection would mix up their responses."""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n")
        answers = client.recv(10_000)
        with contextlib.suppress(OSError):
            client.sendall(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
            while octets := client.recv(10_000):
                answers += octets
    assert answers.count(b"HTTP/1.1 ") == 1


def test_idle_clients_make_room_for_others(port: int) -> None:
    clients = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(MOST_CONNECTIONS * 2)]
    started = time.monotonic()
    assert get(port) == b"0"
    assert time.monotonic() - started < 0.9  # less than REQUEST_TIME, after which they are closed anyway
    for client in clients:
        client.close()


def test_a_chunked_body_arrives_whole_with_its_trailer_and_the_next_request(port: int) -> None:
    body = b"3\r\nabc\r\n5;name=value\r\n\r\n0\r\n\r\n0\r\nX-Sum: 1\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        for part in (CHUNKED_HEADER + body[:12], body[12:] + last[:20], last[20:]):
            client.sendall(part)
            time.sleep(0.05)
        answers = b""
        while octets := client.recv(10_000):
            answers += octets
    assert [answer[-1:] for answer in answers.split(b"HTTP/1.1 200 OK")[1:]] == [b"8", b"0"]


def test_clients_drop_out_when_all_of_them_have_sent_much(port: int) -> None:
    header = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2900000\r\n\r\n"
    clients = []
    for _ in range(5):
        client = socket.create_connection(("127.0.0.1", port), 5)
        clients.append(client)
        with contextlib.suppress(OSError):
            client.sendall(header + b"x" * 2_500_000)
    clients[0].settimeout(0.5)  # less than REQUEST_TIME
    with contextlib.suppress(ConnectionResetError):
        assert clients[0].recv(100) == b""
    assert get(port, body=b"y" * 1000) == b"1000"
    for client in clients:
        client.close()


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
    assert RequestProgress().is_complete(request)
    assert not RequestProgress().is_complete(request[: min(cut, len(request) - 1)])


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.integers(1, 30))
def test_a_chunked_request_is_complete_with_its_last_octet_however_it_arrives(
    parts: list[bytes], step: int
) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    request, progress = CHUNKED_HEADER + chunks + b"0\r\n\r\n", RequestProgress()
    for end in range(1, len(request), step):
        assert not progress.is_complete(request[:end])
    assert progress.is_complete(request)


@pytest.mark.parametrize("octet", [b"0", b"\r\ntransfer-encoding:", b"\r\ncontent-length: 0", b"\r\n1\r\n\n"])
def test_looking_at_a_long_request_takes_little_time(octet: bytes) -> None:
    for start in (b"POST / HTTP/1.1\r\ncontent-length:", CHUNKED_HEADER):
        request, progress = start + octet * (MAX_BUFFERED // len(octet)), RequestProgress()
        started = time.process_time()
        for end in range(0, len(request), 4096):
            progress.is_complete(memoryview(request)[:end].tobytes())
        assert time.process_time() - started < 5


@given(st.binary(max_size=300))
def test_any_octets_can_be_looked_at(octets: bytes) -> None:
    assert RequestProgress().is_complete(octets) in (True, False)
