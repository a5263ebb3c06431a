"""The calls of the library `webauthn`. Only `passkeys.py` uses them, and imports them when it must: they take 0.2 s."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from digest.accounts.models import Passkey
from digest.accounts.passkeys import Challenge, RelyingParty


@dataclass(frozen=True, slots=True)
class VerifiedPasskey:
    """What is stored of a new passkey."""

    credential_id: str  # base64url
    public_key: bytes
    sign_count: int


def creation_options(
    site: RelyingParty, user_id: str, user_name: str, known: Sequence[str], challenge: Challenge
) -> dict[str, Any]:
    """What a browser needs to make a passkey. `known` has the ids of the account's passkeys."""
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_name=user_name,
        user_id=user_id.encode(),
        challenge=base64url_to_bytes(challenge.value),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(name)) for name in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    values: dict[str, Any] = json.loads(options_to_json(options))
    return values


def request_options(site: RelyingParty, challenge: Challenge) -> dict[str, Any]:
    """What a browser needs to answer with any passkey of this site."""
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=base64url_to_bytes(challenge.value),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    values: dict[str, Any] = json.loads(options_to_json(options))
    return values


def verify_new(site: RelyingParty, credential: dict[str, Any], challenge: Challenge) -> VerifiedPasskey:
    """What a browser's answer says of a new passkey. Raises ValueError if the answer does not hold."""
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge.value),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, KeyError, TypeError) as error:
        raise ValueError(str(error)) from error
    credential_id = bytes_to_base64url(verified.credential_id)
    return VerifiedPasskey(credential_id, verified.credential_public_key, verified.sign_count)


def verify_use(site: RelyingParty, credential: dict[str, Any], challenge: Challenge, passkey: Passkey) -> int:
    """How often a passkey was used, by its answer. Raises ValueError if the answer does not hold."""
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge.value),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        ).new_sign_count
    except (WebAuthnException, KeyError, TypeError) as error:
        raise ValueError(str(error)) from error
