"""Reading what a mail server says (RFC 5321, section 4.2), however it is cut into pieces, and within limits."""

from typing import NamedTuple

LONGEST_LINE = 8192  # octets; the RFC says 512, some servers say more
MOST_LINES = 200  # of one reply; an EHLO of 30 extensions has 31


class Reply(NamedTuple):  # four for each mail, and a frozen dataclass takes several times as long to make
    """A whole reply: its code, and its lines without it."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one."""
        return " ".join(self.lines)


class Replies:
    """Gathers octets into replies."""

    def __init__(self) -> None:
        self.nonsense = (
            ""  # what came behind the last reply and is none; nothing that follows it can be believed
        )
        self._rest = b""
        self._lines: list[str] = []

    @property
    def empty(self) -> bool:
        """Whether nothing is left that is no whole reply yet."""
        return not self._rest and not self._lines

    def feed(self, octets: bytes) -> list[Reply]:
        """The replies that are complete now, up to `nonsense`: a message may have been accepted just before it."""
        *lines, self._rest = (self._rest + octets).split(b"\n")
        out: list[Reply] = []
        for line in lines:
            if line[3:4] == b" " and not self._lines and line[:3].isdigit():  # nearly all are of one line
                out.append(Reply(int(line[:3]), (_words(line[4:].rstrip(b"\r")),)))
            elif (reply := self._line(line.rstrip(b"\r"))) is not None:
                out.append(reply)
            if self.nonsense:
                return out
        if len(self._rest) > LONGEST_LINE:
            self.nonsense = f"a line of more than {LONGEST_LINE} octets"
        return out

    def _line(self, line: bytes) -> Reply | None:
        if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b"") or len(line) < 3:
            self.nonsense = f"no reply: {line[:60]!r}"
            return None
        self._lines.append(_words(line[4:]))
        if line[3:4] == b"-":
            if len(self._lines) > MOST_LINES:
                self.nonsense = f"a reply of more than {MOST_LINES} lines"
            return None
        reply = Reply(int(line[:3]), tuple(self._lines))
        self._lines = []
        return reply


def _words(octets: bytes) -> str:
    return octets[:LONGEST_LINE].decode("utf-8", "replace")
