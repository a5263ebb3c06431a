"""The SMTP dialogue on an open connection (RFC 5321, RFC 2920), without socket and clock.

If the server offers PIPELINING, the envelope of the next message follows the body of the last one at once. A body is
sent only after the answer to the previous one was recorded, so at most one message per connection is in flight.
"""

import re
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Outcome, Refused, classify_reply
from digest.mail.pure.replies import Reply
from digest.own_addresses import ascii_host

SERVICE_CLOSING = 421  # RFC 5321, 3.8: the server is closing the connection
START_MAIL_INPUT = 354


class Mail(NamedTuple):
    """A message to be sent. `key` identifies it for the caller; `message` is dot-stuffed with CRLF line ends."""

    key: Hashable
    sender: str
    recipient: str
    message: bytes


@dataclass(frozen=True, slots=True)
class ServerExtensions:
    """The extensions that a server offers (EHLO)."""

    pipelining: bool = False
    smtputf8: bool = False
    max_size: int = 0  # octets of a message; 0: not announced
    supports_size: bool = False


class AwaitedReply(Enum):
    """The command that an awaited reply answers."""

    RSET = auto()
    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    DOT = auto()
    EMPTY_DOT = auto()  # ends an empty message that nobody gets


ENVELOPE_REPLIES = (AwaitedReply.MAIL, AwaitedReply.RCPT, AwaitedReply.DATA)
COMMANDS = {
    AwaitedReply.MAIL: "MAIL FROM",
    AwaitedReply.RCPT: "RCPT TO",
    AwaitedReply.DATA: "DATA",
}
FINAL_DOT = "end of DATA"
PLAIN_ADDRESS = re.compile(r"[!-;=?-~]{1,320}")


class SmtpSession:
    """The dialogue of one connection.

    The caller writes `outgoing`, collects the `outcomes` of messages, and sends the `returned` ones over another
    connection.
    """

    def __init__(self, extensions: ServerExtensions, *, max_messages: int) -> None:
        self.outgoing: list[bytes] = []
        self.outcomes: list[tuple[Mail, Outcome]] = []
        self.returned: list[Mail] = []
        self.closing = False  # no further message may be started
        self.octets_after_dot = 0  # octets in `outgoing` after the last final dot
        self.started_count = 0  # messages whose envelope was sent over this connection
        self.answered_count = 0  # messages that were answered after their final dot
        self.closed_by_server = False  # the server answered a command with 421
        self.closing_reply = ""  # the reply with which it closed
        self._extensions, self._max_messages = extensions, max_messages
        self._current: Mail | None = None  # sent up to its final dot, and not answered yet
        self._next: Mail | None = None  # its envelope is sent, or being sent
        self._may_send_body = False  # the body of the next one may be sent
        self._envelope_refusal: Outcome | None = None  # of the next one, if its envelope was refused
        self._needs_reset = False  # the last envelope was not followed by a message, so RSET must come first
        self._unsent: deque[tuple[AwaitedReply, bytes]] = deque()
        self._awaited: deque[AwaitedReply] = deque()

    @property
    def idle(self) -> bool:
        """Whether no message and no reply is pending."""
        return self._current is None and self._next is None and not self._awaited

    @property
    def can_start_next(self) -> bool:
        """Whether the next message may be started."""
        if self.closing or self._next is not None or self.started_count >= self._max_messages:
            return False
        return not self._awaited or self._extensions.pipelining

    @property
    def awaits_dot_reply(self) -> bool:
        """Whether the answer to a final dot is awaited."""
        return self._current is not None

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing is pending, and the connection has carried its share of messages or is closing."""
        return self.idle and (self.closing or self.started_count >= self._max_messages)

    @property
    def can_send_body(self) -> bool:
        """Whether a body may be sent now."""
        return self._may_send_body and not self.closing

    def send_envelope(self, mail: Mail) -> None:
        """Send the envelope of a message, or refuse the message if its size or an address does not allow one."""
        too_large = self._extensions.max_size and len(mail.message) > self._extensions.max_size
        recipient = envelope_address(mail.recipient, smtputf8=self._extensions.smtputf8)
        sender = envelope_address(mail.sender, smtputf8=self._extensions.smtputf8)
        if too_large or recipient is None or sender is None:
            if too_large:
                reason = f"552 5.3.4 {len(mail.message)} octets are more than the server's {self._extensions.max_size}"
            elif recipient is None:
                # The server may lack SMTPUTF8, which says nothing about the mailbox (RFC 6531, 3.5).
                is_valid = envelope_address(mail.recipient, smtputf8=True) is not None
                status = "5.6.7" if is_valid else "5.1.3"
                reason = f"553 {status} {mail.recipient!r} can't be put into an envelope"
            else:  # another code than the recipient's, which would suppress the recipient (RFC 3463, 3.2)
                reason = f"553 5.1.7 {mail.sender!r} can't be put into an envelope"
            self.outcomes.append((mail, Refused(reason)))
            return
        self.started_count += 1
        self._next, self._envelope_refusal, self._may_send_body = mail, None, False
        options = f" SIZE={len(mail.message)}" if self._extensions.supports_size else ""
        if not (sender + recipient).isascii():
            options += " SMTPUTF8"
        if self._needs_reset:
            self._unsent.append((AwaitedReply.RSET, b"RSET\r\n"))
            self._needs_reset = False
        lines = (f"MAIL FROM:<{sender}>{options}\r\n", f"RCPT TO:<{recipient}>\r\n", "DATA\r\n")
        if self._extensions.pipelining and not self._unsent:
            self._send("".join(lines).encode(), *ENVELOPE_REPLIES)
            return
        self._unsent += ((step, line.encode()) for step, line in zip(ENVELOPE_REPLIES, lines, strict=True))
        self._send_queued()

    def send_body(self) -> None:
        """Send the body of the next message, up to its final dot."""
        if self._next is None:
            return
        self._current, self._next, self._may_send_body = self._next, None, False
        message = self._current.message
        self.outgoing.append(message if message.endswith(b"\r\n") else message + b"\r\n")
        self.outgoing.append(b".\r\n")
        self.octets_after_dot = 0
        self._awaited.append(AwaitedReply.DOT)

    def handle_reply(self, reply: Reply) -> None:
        """Process a reply."""
        if reply.code == SERVICE_CLOSING:
            self.closing = True
            # An unsolicited 421 does not count, because it says nothing about the server's limits.
            self.closed_by_server = bool(self._awaited)
            self.closing_reply = f"{reply.code} {reply.text}"
        if not self._awaited:  # an unsolicited reply
            self.closing = True
            self._return_next()
            return
        step = self._awaited.popleft()
        match step:
            case AwaitedReply.DOT:
                self._handle_dot_reply(reply)
            case AwaitedReply.MAIL | AwaitedReply.RCPT:
                if not 200 <= reply.code < 300:
                    self._refuse_envelope(reply, step)
            case AwaitedReply.DATA:
                self._handle_data_reply(reply)
            case AwaitedReply.RSET | AwaitedReply.EMPTY_DOT:
                pass
        self._send_queued()

    def handle_early_reply(self, reply: Reply) -> None:
        """Process a reply that came before the final dot was sent. The connection ends, because it is no longer clear
        what a reply answers; the message can't have been accepted before it was complete."""
        self.closing = True
        self.closing_reply = f"{reply.code} {reply.text}"
        if self._current is not None:
            self.answered_count += 1
            self.outcomes.append((self._current, _as_failure(reply, FINAL_DOT)))
        self._current = None
        self._return_next()

    def handle_disconnect(self, reason: str, *, final_dot_sent: bool) -> None:
        """Settle the pending messages after the connection ended. `final_dot_sent`: whether the last dot was sent."""
        self.closing = True
        if self._current is not None:
            self.outcomes.append((self._current, InDoubt(reason) if final_dot_sent else Deferred(reason)))
        if self._next is not None:
            at_data = (
                bool(self._awaited)
                and self._awaited[0] is AwaitedReply.DATA
                and self._envelope_refusal is None
            )
            if at_data:  # this message may be what breaks the connection
                self.outcomes.append((self._next, Deferred(reason)))
            elif self._envelope_refusal is not None:
                self.outcomes.append((self._next, self._envelope_refusal))
            else:
                self.returned.append(self._next)
        self._current = self._next = None
        self._awaited.clear()
        self._unsent.clear()

    def _handle_dot_reply(self, reply: Reply) -> None:
        mail, self._current = self._current, None
        if mail is None:
            return
        self.answered_count += 1
        # Other codes than 2xx, 4xx and 5xx are no valid answer here; the message may have been accepted.
        unclear = reply.code // 100 not in (2, 4, 5)
        answer = f"{reply.code} {reply.text}"
        outcome = classify_reply(reply.code, reply.text, FINAL_DOT)
        self.outcomes.append((mail, InDoubt(answer) if unclear else outcome))
        if self.closing and self._next is not None:
            self._return_next()

    def _refuse_envelope(self, reply: Reply, step: AwaitedReply) -> None:
        if self.closing:
            self._return_next()
            return
        if self._envelope_refusal is None:
            self._envelope_refusal = _as_failure(reply, COMMANDS[step])
        # Without pipelining the remaining commands need not be sent.
        if any(step is AwaitedReply.DATA for step, _ in self._unsent):
            self._unsent.clear()
            self._finish_next()

    def _handle_data_reply(self, reply: Reply) -> None:
        if self.closing:
            self._return_next()
        elif reply.code == START_MAIL_INPUT and self._envelope_refusal is None:
            self._may_send_body = True
        elif reply.code == START_MAIL_INPUT:
            # The server may ask for data although it refused the recipient: send an empty message (RFC 2920, 3.1).
            self.outgoing.append(b".\r\n")
            self._awaited.append(AwaitedReply.EMPTY_DOT)
            self._finish_next()
        else:
            self.closing = self.closing or 200 <= reply.code < 400  # the dialogue is out of step
            self._envelope_refusal = self._envelope_refusal or _as_failure(reply, COMMANDS[AwaitedReply.DATA])
            self._finish_next()

    def _finish_next(self) -> None:
        if self._next is not None and self._envelope_refusal is not None:
            self.outcomes.append((self._next, self._envelope_refusal))
        self._next, self._envelope_refusal, self._needs_reset = None, None, True

    def _return_next(self) -> None:
        if self._next is not None:
            self.returned.append(self._next)
        self._next = None
        self._awaited.clear()
        self._unsent.clear()

    def _send_queued(self) -> None:
        while self._unsent and (self._extensions.pipelining or not self._awaited):
            step, command = self._unsent.popleft()
            self._send(command, step)

    def _send(self, commands: bytes, *steps: AwaitedReply) -> None:
        self._awaited += steps
        self.outgoing.append(commands)
        self.octets_after_dot += len(commands)


def envelope_address(address: str, *, smtputf8: bool) -> str | None:
    """The address in the form for an envelope; None if it is invalid, or not supported by this server.

    A line end or an angle bracket in it could inject a command.
    """
    if PLAIN_ADDRESS.fullmatch(address):
        return address
    if not address or len(address) > 320 or not address.isprintable() or set(address) & set(" <>"):
        return None
    if address.isascii() or smtputf8:
        return address
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{ascii_host(domain)}"
    except ValueError:
        return None
    return plain if plain.isascii() else None


def _as_failure(reply: Reply, command: str) -> Outcome:
    outcome = classify_reply(reply.code, reply.text, command)
    return Deferred(outcome.answer) if isinstance(outcome, Accepted) else outcome
