"""Links that let the owner of an account choose a password, once and within an hour.

A link is signed together with what it would change: the password's hash, the address, the state. Once a password was
chosen, or anything of these has changed, the signature does not fit any more. So no table of links is needed, and none
can be left over.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from digest.errors import InvalidInputError, NewsroomText

LINK_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """What a link is bound to."""

    account_id: int
    email_key: str
    password_hash: str
    session_key: str
    state: str

    def fingerprint(self) -> str:
        """A digest of the state of the account."""
        values = (self.email_key, self.password_hash, self.session_key, self.state)
        return hashlib.sha256("\x00".join(values).encode()).hexdigest()[:32]


class PasswordLinks:
    """Makes and verifies these links."""

    def __init__(self, secret: str, base_url: str) -> None:
        self._secret, self._base = secret, base_url.rstrip("/")

    def url(self, account: LinkedAccount, now: datetime) -> str:
        """The URL of a link."""
        token = _serializer(self._secret, now).dumps([account.account_id, account.fingerprint()])
        return f"{self._base}/admin/password/{token if isinstance(token, str) else token.decode()}"

    def account_id(self, token: str, now: datetime) -> int:
        """The account that a link was made for. Raises InvalidInputError if it is forged or older than an hour."""
        return self._values(token, now)[0]

    def verify(self, token: str, account: LinkedAccount, now: datetime) -> None:
        """Raises InvalidInputError unless the link was made for the account in its present state."""
        account_id, fingerprint = self._values(token, now)
        if (account_id, fingerprint) != (account.account_id, account.fingerprint()):
            raise InvalidInputError(
                NewsroomText("This link was used already, or the account has changed. Ask for a new one.")
            )

    def _values(self, token: str, now: datetime) -> tuple[int, str]:
        try:
            values = _serializer(self._secret, now).loads(token, max_age=int(LINK_LIFETIME.total_seconds()))
        except SignatureExpired:
            raise InvalidInputError(
                NewsroomText("This link is older than an hour. Ask for a new one.")
            ) from None
        except BadSignature:
            raise InvalidInputError(
                NewsroomText("This link is not complete. Copy all of it from the mail, or ask for a new one.")
            ) from None
        return int(values[0]), str(values[1])


def _serializer(secret: str, now: datetime) -> URLSafeTimedSerializer:
    class SignerAt(TimestampSigner):
        """A signer whose present time is an argument."""

        def get_timestamp(self) -> int:
            return int(now.astimezone(UTC).timestamp())

    return URLSafeTimedSerializer(secret, salt="dateline.accounts.password", signer=SignerAt)
