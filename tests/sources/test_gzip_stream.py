"""Unpacking gzip files: several members, and what they may cost."""

import gzip
import time

from digest.sources.pure.text.gzip_stream import iter_unpacked

MAX_SECONDS = (
    2.0  # of processor time for 2 MB of empty members; 6 when each member copied the rest of the file
)


def test_the_members_of_a_file_follow_each_other() -> None:
    members = [b"news " * 20_000, b"", b"more", bytes(range(256)) * 300]
    body = b"".join(map(gzip.compress, members))

    assert b"".join(iter_unpacked(body)) == b"".join(members)
    assert b"".join(iter_unpacked(body + b"\0\0")) == b"".join(members)


def test_a_file_of_many_small_members_costs_no_more_than_its_size() -> None:
    body = gzip.compress(b"") * 100_000
    start = time.process_time()

    assert b"".join(iter_unpacked(body)) == b""

    assert time.process_time() - start < MAX_SECONDS
