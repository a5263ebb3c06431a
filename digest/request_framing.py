"""Where an HTTP/1.1 request ends, while its octets arrive (RFC 9112). Each octet is looked at once.

Whatever is odd counts as complete: the web server then refuses it, and has nothing to wait for.
"""

import re

MAX_BUFFERED = (
    3 * 1024 * 1024
)  # octets; more than the largest upload. A longer request is refused by the application
MAX_HEADER = 64 * 1024  # octets of a header whose end has not arrived; gunicorn looks at each several times
MAX_CHUNK_LINE = 8190  # octets; as gunicorn's limit
MAX_CHUNKS = 20_000  # a client that sends more chunks in one request sends single octets
MAX_LENGTH_DIGITS = 9
HEADER_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
CHUNK_SIZE = re.compile(rb"0*([0-9a-f]{0,6})[ \t]*(?:;|$)", re.IGNORECASE)


class RequestProgress:
    """How much of one request has been looked at. The buffer may only grow between the calls."""

    def __init__(self) -> None:
        self._position = 0  # of what was not looked at yet
        self._end: int | None = None  # of the request, once it is known
        self._is_chunked = self._has_header = self._in_trailer = False
        self._chunks = 0

    def is_complete(self, request: bytes | bytearray) -> bool:
        """Whether all of the request has arrived, or so much that it will be refused."""
        if len(request) >= MAX_BUFFERED:
            return True
        if not self._has_header and not self._read_header(request):
            return len(request) > MAX_HEADER
        if self._is_chunked and self._end is None:
            self._read_chunks(request)
        return self._end is not None and len(request) >= self._end

    def _read_header(self, request: bytes | bytearray) -> bool:
        """Whether the header has arrived. One empty line before it is no end, as for gunicorn."""
        start = 2 if request.startswith(b"\r\n") else 0
        end = request.find(HEADER_END, max(start, self._position - len(HEADER_END)))
        if end < 0:
            self._position = len(request)
            return False
        self._has_header, self._position = True, end + len(HEADER_END)
        header = bytes(request[: end + 2])
        self._is_chunked = CHUNKED.search(header) is not None
        if not self._is_chunked:
            length = CONTENT_LENGTH.search(header)
            digits = length[1].lstrip(b"0") if length else b""
            # Nothing is awaited for a longer body: the application refuses it.
            awaited = int(digits or b"0") if len(digits) <= MAX_LENGTH_DIGITS else MAX_BUFFERED
            self._end = self._position + (awaited if awaited < MAX_BUFFERED else 0)
        return True

    def _read_chunks(self, request: bytes | bytearray) -> None:
        while not self._in_trailer:
            line_end = request.find(b"\r\n", self._position, self._position + MAX_CHUNK_LINE)
            if line_end < 0:
                if len(request) - self._position >= MAX_CHUNK_LINE:
                    self._end = 0
                return
            size = CHUNK_SIZE.match(bytes(request[self._position : line_end]))
            self._chunks += 1
            if size is None or self._chunks > MAX_CHUNKS:
                self._end = 0
                return
            length = int(size[1] or b"0", 16)
            self._in_trailer = length == 0
            self._position = line_end + 2 + (length + 2 if length else 0)
        # The trailer ends with an empty line; mostly it is only that.
        if request[self._position : self._position + 2] == b"\r\n":
            self._end = self._position + 2
        elif (end := request.find(HEADER_END, self._position)) >= 0:
            self._end = end + len(HEADER_END)
        elif len(request) - self._position > MAX_HEADER:
            self._end = 0
