"""What forms of the newsroom ask about an address: is it one, and is it suppressed?"""

from digest.admin.texts import translated
from digest.database import Tx
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.subscribers.models import Suppression
from digest.subscribers.pure.email_address import EmailAddress, address_hash, parse_address
from digest.subscribers.store import suppressions


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
