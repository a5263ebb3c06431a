"""Unpacks bodies that are gzip files, whatever their headers and names say (RFC 1952)."""

import zlib
from collections.abc import Iterator

from digest.errors import NewsroomText
from digest.sources.pure.entries import DocumentError

MAGIC = b"\x1f\x8b\x08"  # the two bytes of every gzip file, and deflate, its only method
PIECE_SIZE = 64 * 1024
# Bytes given to zlib at once: it copies those that it does not use, at the end of each member.
READ_SIZE = 4 * 1024
MAX_LAYERS = 3  # of gzip around gzip: a packed file that a server packs again has two
WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS


def is_gzip(body: bytes) -> bool:
    """Whether `body` begins as a gzip file does."""
    return body.startswith(MAGIC)


def iter_unpacked(body: bytes) -> Iterator[bytes]:
    """The content of a gzip file, in pieces of at most `PIECE_SIZE`, so that the caller can stop at a limit.

    A file that breaks off gives what it has, as an unpacked one does. What follows its last member is left out.
    Raises `DocumentError` if it is damaged.
    """
    position = 0
    while body.startswith(MAGIC, position):
        unpacker = zlib.decompressobj(WITH_GZIP_HEADER)
        try:
            while position < len(body) and not unpacker.eof:
                packed = body[position : position + READ_SIZE]
                yield unpacker.decompress(packed, PIECE_SIZE)
                # At the end of a member, `unconsumed_tail` has the same bytes as `unused_data`, or none.
                left = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                position += len(packed) - len(left)
            while piece := unpacker.decompress(b"", PIECE_SIZE) if not unpacker.eof else b"":
                yield piece
        except zlib.error as error:
            raise DocumentError(NewsroomText("the gzip file is damaged: %(error)s", error=error)) from error


def unpack(body: bytes, max_bytes: int) -> bytes:
    """`body`, unpacked if it is a gzip file. Raises `DocumentError` if it is damaged or has more than `max_bytes`."""
    for _ in range(MAX_LAYERS):
        if not is_gzip(body):
            break
        unpacked = bytearray()
        for piece in iter_unpacked(body):
            unpacked += piece
            if len(unpacked) > max_bytes:
                raise DocumentError(
                    NewsroomText(
                        "the gzip file has more than %(max_bytes)s bytes; no feed is so large",
                        max_bytes=f"{max_bytes:,}",
                    )
                )
        body = bytes(unpacked)
    return body
