"""The embedded broker keeps nothing on disk and reads nothing from it, whatever an earlier version left there."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoConnectionError

from digest import broker
from tests.waiting import wait_until

# What Redis 6.2 writes for an empty database, and the beginning of a file that only a later server understands.
DUMP_OF_REDIS_6 = bytes.fromhex("524544495330303039ff") + bytes(8)
DUMP_OF_A_LATER_SERVER = b"VALKEY999" + b"\xf7" * 40


@contextmanager
def started_broker(folder: Path) -> Iterator[Redis]:
    """The embedded broker in `folder`, and a client of it."""
    with subprocess.Popen(broker.broker_command(folder)) as process:
        client = Redis(unix_socket_path=str(broker.socket_path(folder)))
        try:
            wait_until(lambda: process.poll() is not None or answers(client), "the broker")
            yield client
        finally:
            client.close()
            process.terminate()


def answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except NoConnectionError:
        return False


def test_it_stores_nothing_on_disk(tmp_path: Path) -> None:
    with started_broker(tmp_path) as client:
        client.lpush("planning", "a message")
        assert client.llen("planning") == 1
    assert {path.name for path in tmp_path.iterdir()} <= {"broker.log", "broker.sock"}


@pytest.mark.parametrize("dump", [DUMP_OF_REDIS_6, DUMP_OF_A_LATER_SERVER, b"", b"no dump at all"])
def test_files_of_another_server_do_not_keep_it_from_starting(dump: bytes, tmp_path: Path) -> None:
    (tmp_path / "dump.rdb").write_bytes(dump)
    (tmp_path / "appendonly.aof").write_bytes(b"*1\r\n$5\r\nMULTI\r\n")
    (tmp_path / "appendonlydir").mkdir()
    with started_broker(tmp_path) as client:
        assert client.dbsize() == 0
    assert (tmp_path / "dump.rdb").read_bytes() == dump


def test_it_takes_no_connection_from_the_network(tmp_path: Path) -> None:
    with started_broker(tmp_path) as client:
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert broker.socket_path(tmp_path).parent == tmp_path
