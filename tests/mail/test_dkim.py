"""Signatures, as an independent implementation (dkimpy) verifies them."""

import base64
import hashlib
from contextlib import suppress
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.errors import SettingsError
from digest.mail.pure.dkim import Signer, parse_signer, sign_message
from digest.mail.pure.mime import PreparedMessage
from digest.mail.pure.slotted_text import Slot, SlottedText

NOW = datetime(2026, 3, 1, 7, 5, tzinfo=UTC)


def pem(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="module")
def signers() -> tuple[Signer, Signer]:
    return (
        parse_signer(pem(generate_private_key(65537, 2048)), "example.org", "rsa"),
        parse_signer(pem(Ed25519PrivateKey.generate()), "example.org", "ed"),
    )


def message() -> bytes:
    mould = PreparedMessage(
        [
            ("From", "Новости <d@example.org>"),
            ("Subject", "Ещё один длинный заголовок о том, что произошло вчера"),
        ],
        text=SlottedText(("A line.\n.dots\n" * 40, Slot("url"), "\n\n\n")),
        html_body=SlottedText(("<p>x  y</p>\n" * 50,)),
    )
    own = [
        ("To", "ann@example.com"),
        ("Message-ID", "<1@example.org>"),
        ("List-Unsubscribe", f"<https://{'a' * 120}>"),
    ]
    return mould.build(own, {"url": "https://example.org/x"})


def verified(octets: bytes, signers: tuple[Signer, ...], index: int) -> bool:
    records = {f"{signer.record_name}.": signer.record.encode() for signer in signers}
    with suppress(dkim.ValidationError):
        return bool(dkim.DKIM(octets).verify(idx=index, dnsfunc=lambda name, **_: records[name.decode()]))
    return False


@pytest.mark.parametrize("index", [0, 1])
def test_both_signatures_are_verified(signers: tuple[Signer, Signer], index: int) -> None:
    assert verified(sign_message(message(), signers, NOW), signers, index)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"A line", b"A lime"),
        (b"<1@example.org>", b"<2@example.org>"),
        (b"To: ann@", b"To: bob@"),
        (b"\r\nTo: ", b"\r\nFrom: evil@example.net\r\nTo: "),
        (b"\r\nTo: ", b"\r\nSubject: another\r\nTo: "),
    ],
)
def test_what_was_changed_or_added_is_noticed(signers: tuple[Signer, Signer], old: bytes, new: bytes) -> None:
    changed = sign_message(message(), signers[:1], NOW).replace(old, new, 1)
    assert not verified(changed, signers, 0)


def test_the_lines_of_a_signature_are_short_and_ascii(signers: tuple[Signer, Signer]) -> None:
    head = sign_message(message(), signers, NOW).partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(len(line) for line in head.partition(b"\r\nTo: ")[0].split(b"\r\n")) <= 110


@pytest.mark.parametrize(
    "text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match="openssl genrsa 2048"):
        parse_signer(text, "example.org", "s")


@pytest.mark.parametrize("bits", [1024, 2048])
def test_a_key_of_rsa_has_1024_bits_or_more(bits: int) -> None:
    assert parse_signer(pem(generate_private_key(65537, bits)), "example.org", "rsa").record.startswith(
        "v=DKIM1; k=rsa"
    )


def test_a_key_of_another_kind_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(SettingsError, match="neither RSA"):
        parse_signer(text, "example.org", "x")


def test_a_signature_names_its_algorithm_domain_and_selector(signers: tuple[Signer, Signer]) -> None:
    head = sign_message(message(), signers, NOW)
    assert b"a=rsa-sha256; c=relaxed/simple; d=example.org; s=rsa;" in head
    assert b"a=ed25519-sha256; c=relaxed/simple; d=example.org; s=ed;" in head
    assert sign_message(b"x", (), NOW) == b"x"


@pytest.mark.parametrize(
    ("body", "hashed"),
    [
        (b"x\r\n", b"x\r\n"),
        (b"x\r\n\r\n\r\n", b"x\r\n"),
        (b"x", b"x\r\n"),
        (b"\r\n\r\nx", b"\r\n\r\nx\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_empty_lines_at_the_end_are_not_signed(
    signers: tuple[Signer, Signer], body: bytes, hashed: bytes
) -> None:
    signed = sign_message(b"From: d@example.org\r\n\r\n" + body, signers[1:], NOW)
    assert b"bh=" + base64.b64encode(hashlib.sha256(hashed).digest()) + b";" in signed


def test_names_of_fields_are_folded_at_69_characters_in_the_order_of_the_signature(
    signers: tuple[Signer, Signer],
) -> None:
    for last, is_one_line in ((33, True), (34, False)):
        fields = [("b" * last, b"b:"), ("a" * 34, b"a:")]
        head = signers[1].signature_header(fields, b"hash", NOW)
        between = b"" if is_one_line else b"\r\n\t "
        assert b"h=" + b"a" * 34 + b":" + between + b"b" * last + b":" in head
        assert b"list-unsubscribe-post;\r\n\tb=" in head
