"""Who is meant, and what is said of them, in a bounce without machine-readable fields."""

import re
from collections.abc import Iterable, Iterator, Sequence

from flufl.bounce import all_failures

from digest.feedback.pure.mail_parts import Mail
from digest.feedback.pure.phrases import phrases
from digest.feedback.pure.report_fields import ADDRESS, addresses

LONGEST_TEXT = 40_000  # characters of a mail's own words that are looked at
PASSAGE = 1_500  # characters about one address
RETURNED_TO = re.compile(r"^to:[ \t]*(.{0,1000}?)(?=\n\S|\n\n|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
NOBODY = re.compile(
    r"(post_?master|mailer-?daemon|abuse|support|helpdesk|help|mail\.?daemon|nobody|root)@", re.IGNORECASE
)
# Lines that name who is meant: behind words that say so; an address alone or at the beginning; behind weaker words.
_TO = rf"[\s:=]{{0,5}}(?:\[?smtp:)?[<'\"(\[]{{0,2}}({ADDRESS.pattern})"
_BEFORE_STRONG = (
    "rcpt to|recipient address|failed recipient|recipient|(?:delivered|addressed|undeliverable|delivery|message) to"
    "|unknown (?:user|host|recipient)|user unknown|rejected recipient|member of this mailing list"
    "|final delivery userid|allowed size|(?:failed|was) for|error-for"
)
STRONG = re.compile(rf"(?:{_BEFORE_STRONG})(?:\(s\)| is| are| address(?:es)?)?{_TO}", re.IGNORECASE)
ALONE = re.compile(
    rf"^[\s>*\-•]{{0,20}}(?:[245]\d\d[ -])?(?:\[?SMTP:?[ \t]{{0,3}}|rfc822;)?[<'\"]?({ADDRESS.pattern})[>'\"\]]?\s*"
    r"(?:$|[:;,(\[]|\.\.\.|\s-|\s+\S)",
    re.IGNORECASE,
)
_BEFORE = "to|for|user|mailbox|addressee|address(?:es)?|mail|failed|userid|host"
BEHIND = re.compile(rf"\b(?:{_BEFORE})(?:\(s\)| is| are)?{_TO}", re.IGNORECASE)


def bounce_like(mail: Mail) -> bool:
    """Whether the subject is one that mailers write."""
    return bool(phrases("subject").search(mail.header("subject"))) and not _answer(mail)


def bounce_words(mail: Mail) -> bool:
    """Whether the first lines are ones that mailers write."""
    return bool(phrases("opening").search(mail.text[:2_000])) and not _answer(mail)


def _answer(mail: Mail) -> bool:
    """Whether a person answers or forwards something."""
    return mail.header("subject").lower().startswith(("re:", "aw:", "fwd:", "fw:", "wg:", "tr:", "rv:"))


def named(mail: Mail) -> list[str]:
    """The addresses that could not be reached, as far as the mail says so.

    Who gets the bounce is usually not who is meant; but somebody may have written to themselves.
    """
    failed = addresses(" ".join(mail.headers("x-failed-recipients")))
    ours = _ours(mail)
    others = failed or _by_flufl(mail, ours) or _by_lines(mail, ours) or _by_returned(mail, ours)
    return others or _by_flufl(mail, frozenset()) or _by_lines(mail, frozenset())


def passage(text: str, address: str, others: Sequence[str] = ()) -> str:
    """What is said about one address: from where it is named to where the next one is."""
    text = text[:LONGEST_TEXT]
    lowered, wanted = text.lower(), address.lower()
    start = lowered.find(wanted)
    if start < 0:
        return ""
    line = lowered.rfind("\n", 0, start) + 1
    ends = []
    for other in others:
        at = lowered.find(other.lower(), start + len(wanted))
        if other.lower() != wanted and at > 0 and "\n" in lowered[start:at]:
            ends.append(lowered.rfind("\n", 0, at) + 1)
    return text[line : min([*ends, line + PASSAGE])]


def _by_flufl(mail: Mail, ours: frozenset[str]) -> list[str]:
    """The addresses that flufl.bounce finds; what it says of their class is not used."""
    try:
        passing, lasting = all_failures(mail.message)
    # Its detectors take a mail's structure for granted; a broken mail brings out nearly anything.
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError):
        return []
    found = [address.decode("ascii", "replace") for address in sorted(passing | lasting)]
    return _meant([address for text in found for address in addresses(text)[:1]], ours)


def _by_lines(mail: Mail, ours: frozenset[str]) -> list[str]:
    aside = phrases("aside")
    lines = [
        line for line in mail.text[:LONGEST_TEXT].split("\n") if len(line) < 1_000 and not aside.search(line)
    ]
    for pattern in (STRONG, ALONE, BEHIND):
        if found := _meant(_matches(pattern, lines), ours):
            return found
    return []


def _matches(pattern: "re.Pattern[str]", lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if match := pattern.search(line):
            yield match[1]


def _by_returned(mail: Mail, ours: frozenset[str]) -> list[str]:
    """Whom the returned mail was for, when it was for one alone."""
    to = RETURNED_TO.search(mail.returned[:20_000])
    found = _meant(addresses(to[1]) if to else [], ours)
    return found if len(found) == 1 else []


def _ours(mail: Mail) -> frozenset[str]:
    """Who gets the bounce."""
    names = ("to", "delivered-to", "envelope-to")
    return frozenset(address.lower() for name in names for address in addresses(mail.header(name)))


def _meant(found: Iterable[str], ours: frozenset[str]) -> list[str]:
    """Without those that are never who is meant: mailers, and `ours`."""
    kept = dict.fromkeys(address.strip(".'") for address in found)
    return [one for one in kept if not NOBODY.match(one) and one.lower() not in ours and "@" in one][:50]
