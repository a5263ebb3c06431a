"""Small IMAP and POP3 servers over TLS with the commands that our mailbox client uses, and their certificate."""

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
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class FakeMailbox:
    """The mails of one account by number, and their IMAP flags."""

    mails: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    hang_up_at: str = ""  # the server disconnects at this command
    port: int = 0

    def add(self, raw: bytes) -> None:
        self.mails[max(self.mails, default=0) + 1] = raw


class _Session(socketserver.StreamRequestHandler):
    box: FakeMailbox

    def send_lines(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def lines(self) -> Iterator[str]:
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            if self.box.hang_up_at and self.box.hang_up_at in line:
                return
            yield line


class _Imap(_Session):
    def handle(self) -> None:
        self.send_lines("* OK ready")
        for line in self.lines():
            tag, command, arguments = [*line.split(" ", 2), "", ""][:3]
            if command == "UID":
                command, _, arguments = arguments.partition(" ")
            if not self._run(command.upper(), arguments):
                self.send_lines(f"{tag} NO failed")
                continue
            self.send_lines(f"{tag} OK done")
            if command.upper() == "LOGOUT":
                return

    def _run(self, command: str, arguments: str) -> bool:
        box = self.box
        if command == "LOGIN":
            return arguments == 'bounces "secret word"'
        if command == "CAPABILITY":
            self.send_lines("* CAPABILITY IMAP4rev1 UIDPLUS")
        elif command == "SELECT":
            self.send_lines(f"* {len(box.mails)} EXISTS")
        elif command == "SEARCH":
            new = [n for n in box.mails if not box.flags.get(n, set()) & {"\\Seen", "\\Deleted"}]
            self.send_lines("* SEARCH" + "".join(f" {n}" for n in new))
        elif command == "FETCH":
            self._fetch(int(arguments.split()[0]))
        else:
            self._change(command, arguments)
        return True

    def _change(self, command: str, arguments: str) -> None:
        if command == "STORE":
            number, _mode, flags = arguments.split(" ", 2)
            self.box.flags.setdefault(int(number), set()).update(flags.strip("()").split())
        elif command == "EXPUNGE":
            for key in map(int, arguments.split(",")):
                del self.box.mails[key]

    def _fetch(self, number: int) -> None:
        raw = self.box.mails[number]
        self.wfile.write(f"* 1 FETCH (UID {number} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")


class _Pop3(_Session):
    def handle(self) -> None:
        self.send_lines("+OK ready")
        deleted: set[int] = set()
        box = self.box
        for line in self.lines():
            command, _, arguments = line.partition(" ")
            match command.upper():
                case "USER" | "PASS":
                    is_right = arguments in ("bounces", "secret word")
                    self.send_lines("+OK" if is_right else "-ERR no")
                case "LIST":
                    self.send_lines("+OK", *(f"{n} {len(raw)}" for n, raw in box.mails.items()), ".")
                case "TOP":
                    raw = re.sub(
                        rb"(?m)^\.", b"..", box.mails[int(arguments.split()[0])].replace(b"\n", b"\r\n")
                    )
                    self.wfile.write(b"+OK\r\n" + raw + b"\r\n.\r\n")
                case "DELE":
                    deleted.add(int(arguments))
                    self.send_lines("+OK")
                case "QUIT":
                    for number in deleted:
                        del box.mails[number]
                    self.send_lines("+OK")
                    return
                case _:
                    self.send_lines("-ERR unknown command")


@contextmanager
def run_mailbox_server(kind: str, folder: Path) -> Iterator[tuple[FakeMailbox, ssl.SSLContext]]:
    """Run an "imaps" or "pop3s" server; yields its mailbox, and an SSL context that trusts its certificate."""
    box, certificate = FakeMailbox(), make_certificate(folder)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate)
    session_class = type("Session", (_Imap if kind == "imaps" else _Pop3,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), session_class) as server:
        server.daemon_threads = True
        server.socket = server_context.wrap_socket(server.socket, server_side=True)
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield box, ssl.create_default_context(cafile=str(certificate))
        server.shutdown()


def make_certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
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
    private_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private_key + certificate.public_bytes(serialization.Encoding.PEM))
    return path
