"""Small IMAP and POP3 servers over TLS, with just what a reader of mailboxes asks of them, and their certificate."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass
class Box:
    """The mails of the one account, by number, and what became of each."""

    mails: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    break_at: str = ""  # a command at which the server hangs up
    port: int = 0

    def add(self, raw: bytes) -> None:
        self.mails[max(self.mails, default=0) + 1] = raw


class _Session(socketserver.StreamRequestHandler):
    box: Box

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def lines(self) -> Iterator[str]:
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            if self.box.break_at and self.box.break_at in line:
                return
            yield line


class _Imap(_Session):
    def handle(self) -> None:
        self.say("* OK ready")
        for line in self.lines():
            tag, command, rest = [*line.split(" ", 2), "", ""][:3]
            if command == "UID":
                command, _, rest = rest.partition(" ")
            if not self._do(command.upper(), rest):
                self.say(f"{tag} NO not so")
                continue
            self.say(f"{tag} OK done")
            if command.upper() == "LOGOUT":
                return

    def _do(self, command: str, rest: str) -> bool:
        box = self.box
        if command == "LOGIN":
            return rest == 'bounces "secret word"'
        if command == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1 UIDPLUS")
        elif command == "SELECT":
            self.say(f"* {len(box.mails)} EXISTS")
        elif command == "SEARCH":
            new = [n for n in box.mails if not box.flags.get(n, set()) & {"\\Seen", "\\Deleted"}]
            self.say("* SEARCH" + "".join(f" {n}" for n in new))
        elif command == "FETCH":
            self._fetch(int(rest.split()[0]))
        else:
            self._change(command, rest)
        return True

    def _change(self, command: str, rest: str) -> None:
        if command == "STORE":
            named, _how, flags = rest.split(" ", 2)
            self.box.flags.setdefault(int(named), set()).update(flags.strip("()").split())
        elif command == "EXPUNGE":
            for number in map(int, rest.split(",")):
                del self.box.mails[number]

    def _fetch(self, number: int) -> None:
        raw = self.box.mails[number]
        self.wfile.write(f"* 1 FETCH (UID {number} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")


class _Pop3(_Session):
    def handle(self) -> None:
        self.say("+OK ready")
        gone: set[int] = set()
        box = self.box
        for line in self.lines():
            command, _, rest = line.partition(" ")
            match command.upper():
                case "USER" | "PASS":
                    right = rest in ("bounces", "secret word")
                    self.say("+OK" if right else "-ERR no")
                case "LIST":
                    self.say("+OK", *(f"{n} {len(raw)}" for n, raw in box.mails.items()), ".")
                case "TOP":
                    raw = re.sub(rb"(?m)^\.", b"..", box.mails[int(rest.split()[0])].replace(b"\n", b"\r\n"))
                    self.wfile.write(b"+OK\r\n" + raw + b"\r\n.\r\n")
                case "DELE":
                    gone.add(int(rest))
                    self.say("+OK")
                case "QUIT":
                    for number in gone:
                        del box.mails[number]
                    self.say("+OK")
                    return
                case _:
                    self.say("-ERR what?")


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[tuple[Box, ssl.SSLContext]]:
    """A server of a kind; yields its mailbox, and what a client must trust."""
    box, certificate = Box(), make_certificate(folder)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate)
    session = type("Session", (_Imap if kind == "imaps" else _Pop3,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), session) as server:
        server.daemon_threads = True
        server.socket = theirs.wrap_socket(server.socket, server_side=True)
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield box, ssl.create_default_context(cafile=str(certificate))
        server.shutdown()


def make_certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, in one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
