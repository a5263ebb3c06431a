"""One-time codes of an authenticator app (RFC 6238): 6 digits, 30 seconds, SHA-1, as all apps know them."""

import hmac
import re
from datetime import datetime

import pyotp

STEP = 30  # seconds
TOLERANCE = 1  # steps that the clock of the phone may be early or late (RFC 6238, section 5.2)


def new_secret() -> str:
    """A new secret of 160 bits, in base32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, email: str, site_name: str) -> str:
    """What the QR code says, for the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=site_name)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step for which a code is right, or None. The step lets the caller accept each code once."""
    digits = re.sub(r"[\s-]", "", code)
    if not (len(digits) == 6 and digits.isascii() and digits.isdecimal()):
        return None
    current = int(now.timestamp()) // STEP
    generator = pyotp.TOTP(secret, interval=STEP)
    for step in range(max(current - TOLERANCE, 0), current + TOLERANCE + 1):
        if hmac.compare_digest(generator.generate_otp(step), digits):
            return step
    return None
