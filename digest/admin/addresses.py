"""What forms of the newsroom ask about an address: is it one, is it suppressed, and what helps?"""

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from digest.admin.texts import translated
from digest.database import Tx
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.subscribers.models import Suppression
from digest.subscribers.pure.email_address import EmailAddress, address_hash, parse_address
from digest.subscribers.store import suppressions


class AddressProblem(NamedTuple):
    """Why no mail can be sent to an address, with a link to the page that helps; "" if there is none."""

    text: str
    url: str = ""
    link_text: str = ""


def suppressed(address: EmailAddress) -> AddressProblem:
    """The problem of an address that is suppressed."""
    return AddressProblem(
        _("This address is suppressed: nothing is sent to it."),
        url_for("admin.confirm_lift", email=address.email),
        _("See why, and remove the suppression"),
    )


def already_known(subscriber_id: int) -> AddressProblem:
    """The problem of an address that a subscriber has."""
    return AddressProblem(
        _("There is a subscriber with this address already."),
        url_for("admin.subscriber", subscriber_id=subscriber_id),
        _("Open their page"),
    )


def asked_too_often() -> AddressProblem:
    """The problem of a mailbox that got as many letters as it may get in a day."""
    return AddressProblem(_("This mailbox got four such mails within a day. Try again tomorrow."))


def read_address(text: str, errors: dict[str, str]) -> EmailAddress | None:
    """The address in a form; None if it is none, with a sentence in `errors`."""
    try:
        return parse_address(text)
    except InvalidInputError as error:
        errors["email"] = translated(error)
        return None


def find_suppression(tx: Tx, address: EmailAddress) -> Suppression | None:
    """The suppression of an address, if there is one."""
    return suppressions.find_by_hash(tx, address_hash(parts().settings.secret_key, address.key))
