"""Finds, in a bounce without machine-readable fields, the failed addresses and what it says about each.

Also reads complaints that are no abuse reports of RFC 5965.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from digest.feedback.pure.mail_parts import ParsedMail
from digest.feedback.pure.phrases import phrase_pattern
from digest.feedback.pure.report_fields import AbuseReport, find_addresses
from digest.subscribers.pure.email_address import ADDRESS_PATTERN

LONGEST_TEXT = 40_000  # characters of a mail's own text that are examined
LONGEST_LINE = 1_000  # characters; longer lines are skipped
LONGEST_RETURNED_TEXT = 20_000  # characters of the returned mail that are examined
PASSAGE_LENGTH = 1_500  # characters about one address
MOST_ADDRESSES = 50  # addresses of one mail
REPLY_SUBJECTS = ("re:", "aw:", "fwd:", "fw:", "wg:", "tr:", "rv:")
RETURNED_TO = re.compile(r"^to:[ \t]*(.{0,1000}?)(?=\n\S|\n\n|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
COMPLAINANT = re.compile(r"^x-hmxmroriginalrecipient:\s{0,10}(\S.{0,500})", re.IGNORECASE | re.MULTILINE)
COMPLAINT_SUBJECT = re.compile(
    r"(?:\[[^\]]{0,40}\] ?)?complaint about (?:a )?message from \[?[\da-f.:]{7,45}\]?\s*$", re.IGNORECASE
)
ROLE_ADDRESS = re.compile(
    r"(post_?master|mailer-?daemon|abuse|support|helpdesk|help|mail\.?daemon|nobody|root)@", re.IGNORECASE
)
# Lines that name the failed address: after strong words, alone or at the beginning, or after weak words.
_TO = rf"[\s:=]{{0,5}}(?:\[?smtp:)?[<'\"(\[]{{0,2}}({ADDRESS_PATTERN.pattern})"
_STRONG_WORDS = (
    "rcpt to|recipient address|failed recipient|recipient|(?:delivered|addressed|undeliverable|delivery|message) to"
    "|unknown (?:user|host|recipient)|user unknown|rejected recipient|member of this mailing list"
    "|final delivery userid|allowed size|(?:failed|was) for|error-for"
)
AFTER_STRONG_WORDS = re.compile(
    rf"(?:{_STRONG_WORDS})(?:\(s\)| is| are| address(?:es)?)?{_TO}", re.IGNORECASE
)
ADDRESS_ALONE = re.compile(
    rf"^[\s>*\-•]{{0,20}}(?:[245]\d\d[ -])?(?:\[?SMTP:?[ \t]{{0,3}}|rfc822;)?[<'\"]?({ADDRESS_PATTERN.pattern})"
    r"[>'\"\]]?\s*(?:$|[:;,(\[]|\.\.\.|\s-|\s+\S)",
    re.IGNORECASE,
)
_WEAK_WORDS = "to|for|user|mailbox|addressee|address(?:es)?|mail|failed|userid|host"
AFTER_WEAK_WORDS = re.compile(rf"\b(?:{_WEAK_WORDS})(?:\(s\)| is| are)?{_TO}", re.IGNORECASE)


def has_bounce_subject(mail: ParsedMail) -> bool:
    """Whether the subject is typical of mail systems."""
    return bool(phrase_pattern("subject").search(mail.header("subject"))) and not _is_reply(mail)


def has_bounce_opening(mail: ParsedMail) -> bool:
    """Whether the first lines are typical of mail systems."""
    return bool(phrase_pattern("opening").search(mail.text[:2_000])) and not _is_reply(mail)


def _is_reply(mail: ParsedMail) -> bool:
    """Whether a person replies to a mail or forwards one."""
    return mail.header("subject").lower().startswith(REPLY_SUBJECTS)


def failed_addresses(mail: ParsedMail) -> list[str]:
    """The addresses that could not be reached, as far as the mail says so.

    An address that the bounce was sent to counts only when there is no other: somebody may have written to themselves.
    """
    declared = find_addresses(" ".join(mail.headers("x-failed-recipients")))
    if declared:
        return declared
    bounce_recipients = _bounce_recipients(mail)
    by_flufl = _find_by_flufl(mail)  # once, because it takes most of the time
    others = (
        _without_senders(by_flufl, bounce_recipients)
        or _find_in_lines(mail, bounce_recipients)
        or _find_in_returned_mail(mail, bounce_recipients)
    )
    return others or _without_senders(by_flufl, frozenset()) or _find_in_lines(mail, frozenset())


def parse_complaint(mail: ParsedMail) -> AbuseReport | None:
    """A complaint in the older form of Outlook.com's feedback loop (JMRP), or None.

    It returns the mail with the complainant in a header field that only this loop adds; its subject is "complaint about
    message from" and the sending server.
    """
    if mail.delivery_reports or not mail.returned_text:
        return None
    complainant = COMPLAINANT.search(mail.returned_text)
    if complainant is None and not COMPLAINT_SUBJECT.match(mail.header("subject")):
        return None
    return AbuseReport("abuse", find_addresses(complainant[1])[:1] if complainant else [])


def passage_about(text: str, address: str, others: Sequence[str] = ()) -> str:
    """The passage about an address: from the line that names it to the line that names the next of `others`."""
    text = text[:LONGEST_TEXT]
    lower_text, lower_address = text.lower(), address.lower()
    start = lower_text.find(lower_address)
    if start < 0:
        return ""
    line_start = lower_text.rfind("\n", 0, start) + 1
    ends = []
    for other in others:
        position = lower_text.find(other.lower(), start + len(lower_address))
        if other.lower() != lower_address and position > 0 and "\n" in lower_text[start:position]:
            ends.append(lower_text.rfind("\n", 0, position) + 1)
    return text[line_start : min([*ends, line_start + PASSAGE_LENGTH])]


def _find_by_flufl(mail: ParsedMail) -> list[str]:
    """The addresses that flufl.bounce finds. Its opinion on hard and soft is not used."""
    from flufl.bounce import all_failures  # imported here because few processes read bounces

    try:
        temporary, permanent = all_failures(mail.message)
    # Its detectors rely on the structure of a mail; a broken mail makes them raise nearly anything.
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError):
        return []
    texts = [address.decode("ascii", "replace") for address in sorted(temporary | permanent)]
    return [address for text in texts for address in find_addresses(text)[:1]]


def _find_in_lines(mail: ParsedMail, bounce_recipients: frozenset[str]) -> list[str]:
    unrelated = phrase_pattern("aside")
    lines = [
        line
        for line in mail.text[:LONGEST_TEXT].split("\n")
        if len(line) < LONGEST_LINE and not unrelated.search(line)
    ]
    for pattern in (AFTER_STRONG_WORDS, ADDRESS_ALONE, AFTER_WEAK_WORDS):
        if addresses := _without_senders(_matches(pattern, lines), bounce_recipients):
            return addresses
    return []


def _matches(pattern: "re.Pattern[str]", lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if match := pattern.search(line):
            yield match[1]


def _find_in_returned_mail(mail: ParsedMail, bounce_recipients: frozenset[str]) -> list[str]:
    """The recipient of the returned mail, when it had only one."""
    to = RETURNED_TO.search(mail.returned_text[:LONGEST_RETURNED_TEXT])
    addresses = _without_senders(find_addresses(to[1]) if to else [], bounce_recipients)
    return addresses if len(addresses) == 1 else []


def _bounce_recipients(mail: ParsedMail) -> frozenset[str]:
    """The addresses that the bounce was sent to."""
    names = ("to", "delivered-to", "envelope-to")
    return frozenset(address.lower() for name in names for address in find_addresses(mail.header(name)))


def _without_senders(addresses: Iterable[str], bounce_recipients: frozenset[str]) -> list[str]:
    """The addresses that may have failed: no mail systems, and none of `bounce_recipients`."""
    cleaned = dict.fromkeys(address.strip(".'") for address in addresses)
    return [
        address
        for address in cleaned
        if not ROLE_ADDRESS.match(address) and address.lower() not in bounce_recipients and "@" in address
    ][:MOST_ADDRESSES]
