"""Checks of mail, for `dateline doctor` and the page for setting up: mail servers, and what the DNS says of us."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import closing

from digest.errors import DatelineError, NewsroomText, UnavailableError
from digest.findings import Finding, doubtful, fine, wrong
from digest.mail import dns_records
from digest.mail.connection import ehlo_name
from digest.mail.pure.dkim import Signer
from digest.mail.pure.servers import Server, TlsMode, parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.monitoring.pure import mail_dns
from digest.monitoring.pure.mail_dns import DnsVerdict
from digest.parts import Parts
from digest.sources.pure.urls import is_public_ip, registrable_domain

NOT_PUBLIC = NewsroomText("not looked up, because BASE_URL is on this machine")


def check_servers(p: Parts) -> Iterator[Finding]:
    """Open a session with each mail server: connect, EHLO, TLS and signing in, as a sender does."""
    servers = _servers(p)
    if not servers:
        yield fine(NewsroomText("none is set (SMTP_URL); mails go to the local outbox"))
    for server in servers:
        try:
            with closing(SmtpRelay([server])) as relay:
                relay.check()
        except DatelineError as error:
            yield wrong(str(error))
            continue
        yield fine(
            NewsroomText("%(name)s took the session, signed in", name=server.name)
            if server.user
            else NewsroomText("%(name)s took the session", name=server.name)
        )
        if server.tls == TlsMode.NONE and _is_public(server.host):
            yield doubtful(
                NewsroomText(
                    "%(name)s is reached without TLS over the internet; add ?tls=starttls", name=server.name
                )
            )


def check_spf_record(p: Parts) -> Iterator[Finding]:
    """The SPF record of the domain of envelope senders."""
    domain = p.settings.return_path_domain or p.settings.mail_from.domain
    if p.settings.local:
        yield fine(NOT_PUBLIC)
        return
    hosts = [server.host for server in _servers(p)]
    try:
        verdict = mail_dns.check_spf(domain, dns_records.text_records(domain), hosts)
    except UnavailableError as error:
        yield wrong(str(error))
        return
    yield from _report(
        verdict,
        NewsroomText("%(domain)s has a record", domain=domain),
        NewsroomText("or with what your mail provider tells you to include"),
    )


def check_dkim(p: Parts) -> Iterator[Finding]:
    """Whether we sign, and whether the DNS has each key."""
    signers = p.sender.signers
    if not signers:
        text = NewsroomText(
            "no key (DKIM_KEY), so Dateline does not sign; big providers require it: let the mail server sign"
        )
        yield (
            fine(NewsroomText("no key (DKIM_KEY), so mails are not signed"))
            if p.settings.local
            else doubtful(text)
        )
    for signer in signers:
        record = f'{signer.record_name} TXT "{signer.record}"'
        problem = "" if p.settings.local else _key_problem(signer)
        if problem:
            yield wrong(problem, record)
        else:
            yield fine(
                NewsroomText("%(record_name)s: %(why)s", record_name=signer.record_name, why=NOT_PUBLIC)
                if p.settings.local
                else NewsroomText("%(record_name)s is published", record_name=signer.record_name),
                record,
            )


def check_dmarc_record(p: Parts) -> Iterator[Finding]:
    """The DMARC record of the domain of the From address, and whether anything authenticates that domain."""
    if p.settings.local:
        yield fine(NOT_PUBLIC)
        return
    domain = p.settings.mail_from.domain
    site = _site(domain)
    try:
        own = dns_records.text_records(f"_dmarc.{domain}")
        records = own or (dns_records.text_records(f"_dmarc.{site}") if site != domain else [])
    except UnavailableError as error:
        yield wrong(str(error))
        return
    yield from _report(
        mail_dns.check_dmarc(domain, records),
        NewsroomText("%(domain)s has a record", domain=domain),
        NewsroomText("once SPF and DKIM are right"),
    )
    envelope = _site(p.settings.return_path_domain or domain)
    if problem := mail_dns.check_alignment(
        site, envelope, [_site(signer.domain) for signer in p.sender.signers]
    ):
        yield wrong(problem)


def check_names(p: Parts) -> Iterator[Finding]:
    """The reverse names of mail servers that are on the internet, and the name that we say to them."""
    servers = _servers(p)
    if p.settings.local or not servers:
        yield fine(NewsroomText("nothing is sent over the internet") if not servers else NOT_PUBLIC)
        return
    try:
        for server in servers:
            for address in filter(is_public_ip, _addresses(server.host)):
                names = dns_records.reverse_names(address)
                confirmed = [name for name in names if address in dns_records.addresses(name)]
                if problem := mail_dns.check_server_name(address, names, confirmed):
                    yield doubtful(f"{server.host}: {problem}")
        hello = ehlo_name()
        resolves = "." in hello and not hello.startswith("[") and bool(dns_records.addresses(hello))
    except UnavailableError as error:
        yield doubtful(str(error))
        return
    if problem := mail_dns.check_hello_name(hello, resolves):
        yield doubtful(problem)


def _key_problem(signer: Signer) -> str:
    try:
        records = dns_records.text_records(signer.record_name)
    except UnavailableError as error:
        return str(error)
    if not records:
        return NewsroomText(
            "%(record_name)s is not published; publish this record", record_name=signer.record_name
        )
    public_key = signer.record.rpartition("p=")[2]
    if any(public_key in record.replace(" ", "") for record in records):
        return ""
    return NewsroomText(
        "%(record_name)s has another key; publish this record", record_name=signer.record_name
    )


def _report(verdict: DnsVerdict, right: str, advice: str) -> Iterator[Finding]:
    if verdict.problem:
        yield wrong(
            NewsroomText(
                "%(problem)s; publish this record, %(advice)s", problem=verdict.problem, advice=advice
            ),
            f'{verdict.name} TXT "{verdict.record}"',
        )
    else:
        yield fine(right)


def _site(domain: str) -> str:
    return registrable_domain(f"https://{domain}/")


def _servers(p: Parts) -> Sequence[Server]:
    return parse_smtp_url(p.settings.smtp_url) if p.settings.smtp_url else ()


def _addresses(host: str) -> Sequence[str]:
    try:
        return sorted({str(item[4][0]) for item in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except OSError:
        return ()


def _is_public(host: str) -> bool:
    return any(map(is_public_ip, _addresses(host)))
