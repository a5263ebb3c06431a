"""Who is meant, and what is said of them, in a bounce without machine-readable fields."""

import re
from collections.abc import Iterator, Sequence

from flufl.bounce import all_failures

from digest.feedback.mails import Mail
from digest.feedback.reports import ADDRESS, addresses

LONGEST_TEXT = 40_000  # characters of a mail's own words that are looked at
PASSAGE = 1_500  # characters about one address
SUBJECT = re.compile(
    r"(undeliver|non-?deliver|not (be )?deliver|fail(ure|ed)\b.*(deliver|mail|notice|message)|deliver\w*.*(fail|notif|status|problem|report|error|delay|unsuccess|unable)|(mail|message|delivery|nondeliverable|notification).*(fail|error|return|reject|bounce)|return(ed|ing)( \S+)? (mail|message|to sender)"
    r"|could ?n[o'’]t be (sent|delivered)|unable to deliver|bounce|rejected|warning: (message|could|mail)|mail system error|processing error|unzustellbar|nicht zugestellt|unbestellbar|zustellung|non (remis|distribu)|non recapit|mancato recapito|no entregad|devuelto|devolvid|não entreg|niedostarcz|не (доставлен|может быть)|недоставлен|エラー|配信|退信|系统退信|retorno|onbestelbaar|not (a )?member)",
    re.IGNORECASE,
)
# What a mailer says in its first lines; a person's mail may say it too, so it counts only beside an address.
WORDS = re.compile(
    r"((could|can|was|were|be|been|is|has) ?n[o'’]t (be |been )?(deliver|reach|sent)|(unable|failed|not able) to (be )?(deliver|send|reach)|undeliver|delivery (to|has|of)( \S+){0,8} (fail|delay|abort)|did ?n[o'’]t reach|fail(ed|ure)( \S+){0,3} (recipient|address|deliver)|mail delivery|delivery (status|fail|error|problem|notification|report)|returned mail|error( \S+){0,4} deliver|following (address|recipient)|permanent (fatal )?error|were unable|was unable|blocked by our|automatically rejected|has been rejected|not a member of)",
    re.IGNORECASE,
)
# An address in one of these lines is not who is meant.
ASIDE = re.compile(
    r"(contact|assistance|\bhelp\b|support@|https?:|^\s*(x-)?(from|sender|reply-to|return-path|message-id|subject|cc|date|received)\b|mail from|<<< ?mail|from <|sender|questions?|message[- ]id|in-reply|abuse@|report)",
    re.IGNORECASE,
)
NOBODY = re.compile(
    r"^(post_?master|mailer-?daemon|abuse|support|helpdesk|help|mail\.?daemon|nobody|root@localhost)",
    re.IGNORECASE,
)
# Lines that name who is meant: behind words that say so; an address alone or at the beginning; behind weaker words.
_TO = rf"[\s:=]{{0,5}}(?:\[?smtp:)?[<'\"(\[]{{0,2}}({ADDRESS.pattern})"
STRONG = re.compile(
    rf"(?:rcpt to|recipient address|failed recipient|recipient|(?:delivered|addressed|undeliverable|delivery|message) to|unknown (?:user|host|recipient)|user unknown|rejected recipient|member of this mailing list|final delivery userid|allowed size|(?:failed|was) for|error-for)(?:\(s\)| is| are| address(?:es)?)?{_TO}",
    re.IGNORECASE,
)
ALONE = re.compile(
    rf"^[\s>*\-•]{{0,20}}(?:[245]\d\d[ -])?(?:\[SMTP:)?[<'\"]?({ADDRESS.pattern})[>'\"\]]?\s*(?:$|[:;,(\[]|\.\.\.|\s-|\s+\S)",
    re.IGNORECASE,
)
BEHIND = re.compile(
    rf"\b(?:to|for|user|mailbox|addressee|address(?:es)?|mail|failed|userid|host)(?:\(s\)| is| are)?{_TO}",
    re.IGNORECASE,
)


def bounce_like(mail: Mail) -> bool:
    """Whether the subject is one that mailers write."""
    return bool(SUBJECT.search(mail.header("subject")))


def bounce_words(mail: Mail) -> bool:
    """Whether the first lines are ones that mailers write, and no answer to somebody."""
    return bool(WORDS.search(mail.text[:2_000])) and not mail.header("subject").lower().startswith(
        ("re:", "aw:", "fwd:", "fw:")
    )


def named(mail: Mail) -> list[str]:
    """The addresses that could not be reached, as far as the mail says so."""
    failed = addresses(" ".join(mail.headers("x-failed-recipients")))
    return failed or _by_flufl(mail) or _by_lines(mail) or _by_returned(mail)


def passage(text: str, address: str, others: Sequence[str] = ()) -> str:
    """What is said about one address: from where it is named to where the next one is."""
    text = text[:LONGEST_TEXT]
    lowered, wanted = text.lower(), address.lower()
    start = lowered.find(wanted)
    if start < 0:
        return ""
    line = lowered.rfind("\n", 0, start) + 1
    ends = [
        lowered.find("\n", lowered.rfind("\n", 0, at))
        for other in others
        if other.lower() != wanted
        and (at := lowered.find(other.lower(), start + len(wanted))) > 0
        and "\n" in lowered[start:at]
    ]
    return text[line : min([end if end >= 0 else len(text) for end in ends] + [line + PASSAGE])]


def _by_flufl(mail: Mail) -> list[str]:
    """The addresses that flufl.bounce finds; what it says of their class is not used."""
    try:
        passing, lasting = all_failures(mail.message)
    # Its detectors take a mail's structure for granted; a broken mail brings out nearly anything.
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError):
        return []
    found = [address.decode("ascii", "replace") for address in sorted(passing | lasting)]
    return _meant(mail, [address for text in found for address in addresses(text)[:1]])


def _by_lines(mail: Mail) -> list[str]:
    lines = [
        line for line in mail.text[:LONGEST_TEXT].split("\n") if len(line) < 1_000 and not ASIDE.search(line)
    ]
    for pattern in (STRONG, ALONE, BEHIND):
        if found := _meant(mail, _matches(pattern, lines)):
            return found
    return []


def _matches(pattern: "re.Pattern[str]", lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if match := pattern.search(line):
            yield match[1]


def _by_returned(mail: Mail) -> list[str]:
    """Whom the returned mail was for, when it was for one alone."""
    to = re.search(
        r"^to:[ \t]*(.{0,1000}?)(?=\n\S|\n\n|\Z)",
        mail.returned[:20_000],
        re.IGNORECASE | re.MULTILINE | re.DOTALL,
    )
    found = _meant(mail, addresses(to[1]) if to else [])
    return found if len(found) == 1 else []


def _meant(mail: Mail, found: "Sequence[str] | Iterator[str]") -> list[str]:
    """Without those that are never who is meant: the mailer, and who gets the bounce."""
    ours = {
        address.lower()
        for name in ("to", "delivered-to", "envelope-to")
        for address in addresses(mail.header(name))
    }
    kept = dict.fromkeys(address.strip(".'") for address in found)
    return [one for one in kept if not NOBODY.match(one) and one.lower() not in ours and "@" in one][:50]
