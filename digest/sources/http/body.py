"""The body of an HTTP response. A large body is kept on disk, so that a hundred at once need little memory."""

import hashlib
import tempfile

# Bytes. Most feeds are smaller, and a hundred bodies at once take some 25 MiB of memory.
MAX_IN_MEMORY = 256 * 1024


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

    def read(self) -> bytes:
        """The whole body, in memory."""
        self._file.seek(0)
        return self._file.read()
