"""What the DNS must have so that mailbox providers take our mails: SPF, DMARC and names of mail servers.

SPF: RFC 7208; DMARC: RFC 7489. Google, Yahoo and Microsoft require all of it from senders of many mails.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from digest.errors import NewsroomText

SPF_BEGINNING, DMARC_BEGINNING = "v=spf1", "v=dmarc1"
MAX_SPF_LOOKUPS = 10  # RFC 7208, section 4.6.4
LOOKUP_MECHANISMS = ("include:", "a", "mx", "ptr", "exists:", "redirect=")


@dataclass(frozen=True, slots=True)
class DnsVerdict:
    """What is wrong with a record, "" if nothing is, and the record to publish."""

    problem: str = ""
    name: str = ""
    record: str = ""


def check_spf(domain: str, records: Sequence[str], server_hosts: Sequence[str]) -> DnsVerdict:
    """Whether a domain of envelope senders has one SPF record that means something.

    It can't be told here whether it names all addresses from which a provider sends.
    """
    found = [record for record in records if record.lower().split(" ", 1)[0] == SPF_BEGINNING]
    example = " ".join([SPF_BEGINNING, *(f"a:{host}" for host in server_hosts), "-all"])
    problem = ""
    if not found:
        problem = NewsroomText(
            "%(domain)s has no SPF record, so receivers can't tell that the mail server may send for it",
            domain=domain,
        )
    elif len(found) > 1:
        problem = NewsroomText(
            "%(domain)s has %(count)s SPF records; receivers then use none (RFC 7208, 4.5)",
            domain=domain,
            count=len(found),
        )
    else:
        problem = _spf_problem(domain, found[0].lower().split()[1:])
    return DnsVerdict(problem, domain, example) if problem else DnsVerdict()


def _spf_problem(domain: str, terms: Sequence[str]) -> str:
    if "+all" in terms or "all" in terms:
        return NewsroomText("the SPF record of %(domain)s lets everybody send (+all)", domain=domain)
    if not any(term in ("-all", "~all", "?all") or term.startswith("redirect=") for term in terms):
        return NewsroomText(
            "the SPF record of %(domain)s does not end with -all or ~all, so it excludes nobody",
            domain=domain,
        )
    lookups = sum(_needs_lookup(term.lstrip("+-~?")) for term in terms)
    if lookups > MAX_SPF_LOOKUPS:
        return NewsroomText(
            "the SPF record of %(domain)s needs %(lookups)s look-ups; receivers stop after %(max_spf_lookups)s",
            domain=domain,
            lookups=lookups,
            max_spf_lookups=MAX_SPF_LOOKUPS,
        )
    return ""


def _needs_lookup(term: str) -> bool:
    return any(
        term.startswith(mechanism) if mechanism[-1] in ":=" else term.split(":")[0].split("/")[0] == mechanism
        for mechanism in LOOKUP_MECHANISMS
    )


def check_dmarc(domain: str, records: Sequence[str]) -> DnsVerdict:
    """Whether the domain of the From address has a DMARC record. `records` are those of _dmarc and the domain."""
    example = f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"
    found = [record for record in records if record.lower().replace(" ", "").startswith(DMARC_BEGINNING)]
    tags = dict(_tags(found[0])) if found else {}
    problem = ""
    if not found:
        problem = NewsroomText(
            "%(domain)s has no DMARC record; big providers refuse many mails without one", domain=domain
        )
    elif len(found) > 1:
        problem = NewsroomText(
            "%(domain)s has %(count)s DMARC records; receivers then use none (RFC 7489, 6.6.3)",
            domain=domain,
            count=len(found),
        )
    elif tags.get("p") not in ("none", "quarantine", "reject"):
        problem = NewsroomText(
            "the DMARC record of %(domain)s has no policy (p=none, quarantine or reject)", domain=domain
        )
    return DnsVerdict(problem, f"_dmarc.{domain}", example) if problem else DnsVerdict()


def _tags(record: str) -> Sequence[tuple[str, str]]:
    pairs = (part.partition("=") for part in record.split(";"))
    return [(name.strip().lower(), value.strip().lower()) for name, _, value in pairs]


def check_alignment(from_site: str, envelope_site: str, signing_sites: Sequence[str]) -> str:
    """Why no authentication counts for DMARC, "" if one does. A site is a registrable domain (example.org)."""
    if from_site == envelope_site or from_site in signing_sites:
        return ""
    others = ", ".join(dict.fromkeys((envelope_site, *signing_sites)))
    return NewsroomText(
        "DMARC fails: MAIL_FROM is at %(from_site)s, but envelope sender and signatures are of %(others)s; set "
        "RETURN_PATH_DOMAIN or DKIM_DOMAIN to a domain of %(from_site)s",
        from_site=from_site,
        others=others,
    )


def check_server_name(address: str, names: Sequence[str], confirmed: Sequence[str]) -> str:
    """What is wrong with the reverse name of a mail server's address; `confirmed` are names that lead back to it."""
    if not names:
        return NewsroomText(
            "%(address)s has no name in the DNS (PTR); many receivers refuse mails from such an address",
            address=address,
        )
    if not confirmed:
        return NewsroomText(
            "the name of %(address)s is %(name)s, but %(name)s does not lead back to it",
            address=address,
            name=names[0],
        )
    return ""


def check_hello_name(name: str, resolves: bool) -> str:
    """What is wrong with the name that we say to mail servers (HELO, EHLO)."""
    if name.startswith("[") or "." not in name:
        return NewsroomText(
            "this machine calls itself %(name)s (EHLO); give it a full host name, for servers that check it",
            name=name,
        )
    return (
        ""
        if resolves
        else NewsroomText(
            "this machine calls itself %(name)s (EHLO), which can't be found in the DNS", name=name
        )
    )
