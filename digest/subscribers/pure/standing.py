"""What a row of another program says about a person: whether they get mails, and why not.

A row has several signs: a state in words, flags, and dates. Whatever speaks most clearly against mail counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from digest.errors import InvalidInputError, NewsroomText
from digest.subscribers.pure.import_moments import read_moment
from digest.subscribers.pure.import_values import NO_WORDS, YES_WORDS


class Standing(StrEnum):
    """How somebody stands in another program, from what allows mail to what forbids it most."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"  # never confirmed that they want mails
    LEFT = "left"
    BOUNCED = "bounced"
    BLOCKED = "blocked"
    COMPLAINED = "complained"


SEVERITY = {standing: number for number, standing in enumerate(Standing)}
SHOWN_VALUE = 20  # characters of a value in an error
# What mailing programs call these: Mailchimp, listmonk, Buttondown, Ghost, Beehiiv, Kit, Sendgrid, Postmark.
WORDS: Mapping[str, Standing] = {
    word: standing
    for standing, words in {
        Standing.ACTIVE: (
            *YES_WORDS, "active", "subscribed", "enabled", "confirmed", "validated", "opted in", "opt-in", "optin",
            "regular", "premium", "gifted", "trialed", "paid", "free", "comped", "complimentary",
        ),
        Standing.UNCONFIRMED: (
            "unconfirmed", "not confirmed", "pending", "unactivated", "unverified", "nonsubscribed", "non-subscribed",
            "transactional",
        ),
        Standing.LEFT: (
            *NO_WORDS - {"none", "null"}, "unsubscribed", "disabled", "inactive", "opted out", "opt-out", "optout",
            "cancelled", "canceled", "removed", "deleted", "archived",
        ),
        Standing.BOUNCED: ("bounced", "bounce", "hard bounce", "hardbounce", "cleaned", "undeliverable", "invalid"),
        Standing.BLOCKED: ("blocked", "blocklisted", "blacklisted", "banned", "suppressed", "spammy"),
        Standing.COMPLAINED: ("complained", "complaint", "spam", "spam complaint", "spamcomplaint", "marked as spam"),
    }.items()
    for word in words
}  # fmt: skip
# Columns that are filled for those who stand so; with "no" or nothing for the others.
FLAGS = {
    "left": Standing.LEFT,
    "bounced": Standing.BOUNCED,
    "complained": Standing.COMPLAINED,
    "blocked": Standing.BLOCKED,
}


class Sign(NamedTuple):
    """What one cell of a row says about a person, and its text."""

    standing: Standing
    text: str


def read_standing(
    values: Mapping[str, Sequence[str]], own_words: Mapping[str, Standing], email: str
) -> Sign | None:
    """The sign of a row that speaks most against mail, if possible one with a date; None if it has none.

    `own_words` are those of the program.

    Raises InvalidInputError for a state that is not known.
    """
    signs = _signs(values, own_words, email)
    return max(signs, key=_clarity, default=None)


def _clarity(sign: Sign) -> tuple[int, bool]:
    return SEVERITY[sign.standing], read_moment(sign.text) is not None


def check_receives(values: Mapping[str, Sequence[str]], email: str) -> None:
    """Raise InvalidInputError unless all columns that say so agree that somebody gets mails."""
    sign = read_standing(values, {}, email)
    if sign is not None and sign.standing is not Standing.ACTIVE:
        raise _is_not_active(email, sign.text)


def _is_not_active(email: str, text: str) -> InvalidInputError:
    return InvalidInputError(
        NewsroomText(
            '%(email)s is "%(text)s"; only those who are active are imported.',
            email=email,
            text=text[:SHOWN_VALUE],
        )
    )


def _signs(
    values: Mapping[str, Sequence[str]], own_words: Mapping[str, Standing], email: str
) -> Iterator[Sign]:
    for text in (*values.get("state", ()), *values.get("subscribed", ())):
        word = text.casefold().replace("_", " ")
        standing = own_words.get(word) or WORDS.get(word)
        if standing is None:
            raise _is_not_active(email, text)
        yield Sign(standing, text)
    for field, standing in FLAGS.items():
        for text in values.get(field, ()):
            if text.casefold() not in NO_WORDS:
                yield Sign(standing, text)
