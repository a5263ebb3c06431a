"""Parses the replies of a mail server (RFC 5321, section 4.2) from pieces of any size, within limits."""

from typing import NamedTuple

MAX_LINE_OCTETS = 8192  # octets; the RFC allows 512, some servers send more
MAX_LINES = 200  # of one reply; an EHLO of 30 extensions has 31


# A NamedTuple, because every mail has four of them and a frozen dataclass takes several times as long to create.
class Reply(NamedTuple):
    """A complete reply: its code, and its lines without the code."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines joined by blanks."""
        return " ".join(self.lines)


class ReplyParser:
    """Collects octets into replies."""

    def __init__(self) -> None:
        self.error = ""  # why the octets after the last reply are not a reply; all that follows is ignored
        self._incomplete = b""
        self._lines: list[str] = []

    @property
    def empty(self) -> bool:
        """Whether no incomplete reply is waiting for more octets."""
        return not self._incomplete and not self._lines

    def feed(self, octets: bytes) -> list[Reply]:
        """The replies that are complete now. They are valid even if `error` is set."""
        *lines, self._incomplete = (self._incomplete + octets).split(b"\n")
        replies: list[Reply] = []
        for line in lines:
            if (
                line[3:4] == b" " and not self._lines and line[:3].isdigit()
            ):  # nearly all replies have one line
                replies.append(Reply(int(line[:3]), (_decode(line[4:].rstrip(b"\r")),)))
            elif (reply := self._line(line.rstrip(b"\r"))) is not None:
                replies.append(reply)
            if self.error:
                return replies
        if len(self._incomplete) > MAX_LINE_OCTETS:
            self.error = f"a line of more than {MAX_LINE_OCTETS} octets"
        return replies

    def _line(self, line: bytes) -> Reply | None:
        if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b"") or len(line) < 3:
            self.error = f"not a reply: {line[:60]!r}"
            return None
        self._lines.append(_decode(line[4:]))
        if line[3:4] == b"-":
            if len(self._lines) > MAX_LINES:
                self.error = f"a reply of more than {MAX_LINES} lines"
            return None
        reply = Reply(int(line[:3]), tuple(self._lines))
        self._lines = []
        return reply


def _decode(octets: bytes) -> str:
    return octets[:MAX_LINE_OCTETS].decode("utf-8", "replace")
