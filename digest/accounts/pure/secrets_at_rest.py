"""Secrets of accounts as they are stored: encrypted or hashed with keys that are derived from SECRET_KEY.

Whoever has only a copy of the database can neither make codes of an authenticator app nor try recovery codes.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken

from digest.errors import InvalidInputError, NewsroomText

CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without 0, 1, i, l and o, which are read wrongly
CODE_LENGTH = 12  # characters: 59 bits, which nobody can try through a web form
CODE_COUNT = 10


def encrypt(key: str, text: str, *, purpose: str = "totp") -> str:
    """The text, encrypted and signed with the key for a purpose."""
    return Fernet(_derived(key, purpose)).encrypt(text.encode()).decode()


def decrypt_if_ours(key: str, token: str, *, purpose: str) -> str | None:
    """The text that `encrypt` was given; None if it was encrypted with another key."""
    try:
        return Fernet(_derived(key, purpose)).decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def decrypt(key: str, token: str) -> str:
    """The secret of an authenticator app. Raises InvalidInputError if it was encrypted with another key."""
    secret = decrypt_if_ours(key, token, purpose="totp")
    if secret is None:
        raise InvalidInputError(
            NewsroomText(
                "The authenticator app was set up under another SECRET_KEY. Remove it and set it up again: "
                "dateline accounts remove-second-factor EMAIL"
            )
        )
    return secret


def subject_hash(key: str, account_key: str) -> str:
    """What failed attempts at an address are stored under; strangers type any text there."""
    return _keyed_hash(key, "subject", account_key)


def new_recovery_codes() -> list[str]:
    """Fresh recovery codes, in three groups of four characters."""
    codes = ["".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(CODE_COUNT)]
    return ["-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4)) for code in codes]


def recovery_code_hash(key: str, code: str) -> str:
    """What a recovery code is stored as. Case, spaces and hyphens do not matter."""
    return _keyed_hash(key, "recovery", "".join(filter(str.isalnum, code.lower())))


def _derived(key: str, purpose: str) -> bytes:
    digest = hmac.digest(key.encode(), f"dateline.accounts.{purpose}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest)


def _keyed_hash(key: str, purpose: str, text: str) -> str:
    return hmac.new(_derived(key, purpose), text.encode(errors="replace"), hashlib.sha256).hexdigest()
