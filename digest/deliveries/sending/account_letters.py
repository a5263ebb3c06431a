"""Sends mails to accounts of the newsroom: invitations, links to a new password, and notices. They are in English."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.accounts import authentication
from digest.accounts.models import Account, AccountLetter
from digest.accounts.pure.password_links import PasswordLinks
from digest.accounts.states import KINDS_WITH_LINK, AccountLetterState, AccountState
from digest.accounts.store import letters as store
from digest.accounts.store.letters import AccountLetterResult
from digest.database import CoreTx, Database
from digest.deliveries.pure.retry import AttemptHistory
from digest.deliveries.sending.letter_queue import letter_look, render_html
from digest.deliveries.sending.sending_context import SendingContext, decide_with_jitter
from digest.mail import templates
from digest.mail.pure.dkim import sign_message
from digest.mail.pure.header_fields import Headers
from digest.mail.pure.mime import PreparedMessage, format_date
from digest.mail.pure.outcomes import Outcome
from digest.mail.pure.session import Mail
from digest.mail.pure.slotted_text import SlottedText
from digest.mail.pure.text_wrapping import wrap_text

LEASE = timedelta(minutes=5)
LETTERS_PER_CLAIM = 20
LANGUAGE = "en"  # of the newsroom


@dataclass(eq=False)
class ClaimedAccountLetter:
    """A claimed mail to an account. `started` means that it was prepared for the relay."""

    letter: AccountLetter
    account: Account
    started: bool = False


def claim_letters(db: Database, context: SendingContext) -> Sequence[ClaimedAccountLetter]:
    """Claim mails that are due."""
    now = context.clock()
    with db.read() as tx:
        if not store.any_due(tx, now):
            return []
    with db.begin() as tx:
        rows = store.claim(tx, now, lease=LEASE, limit=LETTERS_PER_CLAIM)
        return [ClaimedAccountLetter(letter, account) for letter, account in rows]


def prepare_letter(db: Database, context: SendingContext, claimed: ClaimedAccountLetter) -> Mail | None:
    """The mail. If the account is closed, it expires and the result is None."""
    letter, account, now = claimed.letter, claimed.account, context.clock()
    claimed.started = True
    if account.state is not AccountState.ACTIVE:
        expired = AccountLetterState.EXPIRED
        result = AccountLetterResult(expired, "the account is closed", now, letter.attempts, letter.in_doubt)
        _record_result(db, claimed, result)
        return None
    look = context.looks.current(db).shown(LANGUAGE)
    sender = context.sender.in_look(look)
    values = {
        **letter_look(look, sender.site_url),
        "lang": LANGUAGE,
        "dir": "ltr",
        "site_name": sender.site_name,
        "site_url": sender.site_url,
        "url": _button_url(context, claimed),
        "changed_at": f"{letter.created_at:%-d %B %Y, %H:%M} UTC",
        "role": account.role.value,
    }
    folder = f"account_{letter.kind}"
    text = templates.render(f"{folder}/body.txt", LANGUAGE, **values)
    html = render_html(f"{folder}/body.html", LANGUAGE, values)
    message_id = sender.opaque_id("account", letter.id, account.id)
    headers: Headers = [
        ("Date", format_date(now)),
        ("To", account.email),
        ("Message-ID", f"<{message_id}@{sender.domain}>"),
        *sender.from_headers,
        ("Subject", templates.render(f"{folder}/subject.txt", LANGUAGE, **values).strip()),
        ("Auto-Submitted", "auto-generated"),
    ]
    message = PreparedMessage(
        headers,
        text=SlottedText(("\n".join(wrap_text(line) for line in text.splitlines()),)),
        html_body=SlottedText((html,)),
    ).build([], {})
    # Bounces go to the site's own address: an account is no subscriber, and no bounce suppresses it.
    return Mail(claimed, sender.mail_from.address, account.email, sign_message(message, sender.signers, now))


def _button_url(context: SendingContext, claimed: ClaimedAccountLetter) -> str:
    sender = context.sender
    if claimed.letter.kind in KINDS_WITH_LINK:
        links = PasswordLinks(sender.secret, sender.site_url)
        return links.url(authentication.linked(claimed.account), context.clock())
    return f"{sender.site_url}/admin/forgotten"


def record_outcome(tx: CoreTx, claimed: ClaimedAccountLetter, outcome: Outcome, now: datetime) -> None:
    """Write what the mail server's answer means for the mail."""
    letter = claimed.letter
    history = AttemptHistory(letter.attempts, letter.in_doubt, letter.created_at)
    decision = decide_with_jitter(outcome, history, now)
    state = AccountLetterState(decision.state)
    result = AccountLetterResult(
        state, outcome.answer, decision.not_before, letter.attempts, decision.in_doubt
    )
    store.record_result(tx, letter, result)


def release_letter(db: Database, claimed: ClaimedAccountLetter, not_before: datetime, reason: str) -> None:
    """Release a mail to other senders, and do not count the attempt."""
    letter, planned = claimed.letter, AccountLetterState.PLANNED
    result = AccountLetterResult(planned, reason, not_before, letter.attempts - 1, letter.in_doubt)
    _record_result(db, claimed, result)


def _record_result(db: Database, claimed: ClaimedAccountLetter, result: AccountLetterResult) -> None:
    with db.begin() as tx:
        store.record_result(tx, claimed.letter, result)
