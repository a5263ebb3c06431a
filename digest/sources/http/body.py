"""The body of an answer: on disk as soon as it is large, so that a hundred large ones at once cost little memory."""

import hashlib
import tempfile

IN_MEMORY = (
    256 * 1024
)  # octets; a usual feed has fewer, and what a hundred hosts send at once must stay below 300 MB


class Body:
    """Octets as they come in. `digest` is the SHA-256 of all so far."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- closed with its last reader

    def add(self, piece: bytes) -> None:
        """Append a piece."""
        self.size += len(piece)
        self._sha256.update(piece)
        self._file.write(piece)

    @property
    def digest(self) -> str:
        """The SHA-256, in hexadecimal."""
        return self._sha256.hexdigest()

    def read(self) -> bytes:
        """All of it, in memory."""
        self._file.seek(0)
        return self._file.read()
