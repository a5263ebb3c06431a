"""The body of an HTTP response. A large body is kept on disk, so that a hundred at once need little memory."""

import hashlib
import tempfile

from digest.sources.pure.text.gzip_stream import MAX_LAYERS, is_gzip, iter_unpacked

# Bytes. Most feeds are smaller, and a hundred bodies at once take some 25 MiB of memory.
MAX_IN_MEMORY = 256 * 1024
MAGIC_BYTES = 3  # by which a gzip file is known


class SpooledBody:
    """The bytes of a body, added piece by piece. `size` and `sha256` cover all that were added so far."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._file = tempfile.SpooledTemporaryFile(MAX_IN_MEMORY)  # noqa: SIM115 -- closed when it is garbage-collected

    def add(self, piece: bytes) -> None:
        """Append a piece."""
        self.size += len(piece)
        self._sha256.update(piece)
        self._file.write(piece)

    @property
    def sha256(self) -> str:
        """The SHA-256 of all bytes so far, in hexadecimal."""
        return self._sha256.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """The whole body, or its first `size` bytes, in memory. Nothing can be added afterwards."""
        self._file.seek(0)
        return self._file.read(size)


def unpacked(body: SpooledBody, max_bytes: int) -> SpooledBody | None:
    """The body, unpacked if it is a gzip file; None as soon as that has more than `max_bytes`.

    Raises `DocumentError` if the file is damaged.
    """
    for _ in range(MAX_LAYERS):
        if not is_gzip(body.read(MAGIC_BYTES)):
            break
        content = SpooledBody()
        for piece in iter_unpacked(body.read()):
            content.add(piece)
            if content.size > max_bytes:
                return None
        body = content
    return body
