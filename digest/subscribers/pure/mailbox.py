"""The mailbox behind an address. Many addresses can reach one mailbox: ann+news@ and a.n.n@ are Ann's too."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from digest.subscribers.pure.email_address import EmailAddress


@dataclass(frozen=True, slots=True)
class MailboxRules:
    """How a provider reads the name before the @. Other domains have a "+" and a detail (RFC 5233)."""

    domain: str = ""  # of the mailbox, if all of the provider's domains share one; else ""
    ignored: str = ""  # characters that make no difference
    separators: str = "+"  # the name ends before the first of these


def mailbox_key(address: EmailAddress) -> str:
    """A key that is equal for all addresses of one mailbox, as far as the rules of its provider are known.

    >>> mailbox_key(EmailAddress("A.N.N+x@googlemail.com", "a.n.n+x@googlemail.com"))
    'ann@gmail.com'
    """
    name, _, domain = address.key.rpartition("@")
    rules = _rules_by_domain().get(domain, MailboxRules())
    mailbox = _without_detail(name, rules.separators)
    for character in rules.ignored:
        mailbox = mailbox.replace(character, "")
    return f"{mailbox or name}@{rules.domain or domain}"


def _without_detail(name: str, separators: str) -> str:
    """The name up to its first separator. A name that begins with one has no detail."""
    for separator in separators:
        name = name[:1] + name[1:].partition(separator)[0]
    return name


@cache
def _rules_by_domain() -> dict[str, MailboxRules]:
    text = resources.files("digest.subscribers").joinpath("data/mailbox_providers.toml").read_text("utf-8")
    return {
        domain: MailboxRules(
            domain=provider["domains"][0] if provider.get("one_domain") else "",
            ignored=provider.get("ignored", ""),
            separators=provider["separators"],
        )
        for provider in tomllib.loads(text)["providers"]
        for domain in provider["domains"]
    }
