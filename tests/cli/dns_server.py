"""A small real DNS server on 127.0.0.1, with the records of a test."""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

Records = Mapping[tuple[str, str], tuple[str, ...]]  # by name and type


class DnsHandler(socketserver.BaseRequestHandler):
    """Answers one question over UDP."""

    records: Records

    def handle(self) -> None:
        """Answer with the records of the name, or that there is no such name."""
        octets, sock = self.request
        question = dns.message.from_wire(octets)
        asked = question.question[0]
        name, kind = asked.name.to_text().rstrip("."), dns.rdatatype.to_text(asked.rdtype)
        response = dns.message.make_response(question)
        if not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif values := self.records.get((name, kind)):
            response.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *values))
        sock.sendto(response.to_wire(), self.client_address)


@contextmanager
def dns_server(records: Records) -> Iterator[None]:
    """Make the look-ups of this process go to a server with these records."""
    handler = type("RecordsHandler", (DnsHandler,), {"records": records})
    before = dns.resolver.default_resolver
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        dns.resolver.default_resolver = resolver
        try:
            yield
        finally:
            dns.resolver.default_resolver = before
            server.shutdown()
