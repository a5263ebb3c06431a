"""Signed links: for one subscriber and one purpose, impossible to forge, and some of them expire."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from itsdangerous import Signer

from digest.subscribers.pure.links import (
    MAX_AGES,
    ExpiredLinkError,
    ForgedLinkError,
    LinkPurpose,
    SignedLinks,
    find_token,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LINKS = SignedLinks("a secret of thirty-two characters", "https://news.example.org/")
PURPOSES: list[LinkPurpose] = list(MAX_AGES)


@given(
    st.from_regex(r"[A-Za-z0-9_-]{16}", fullmatch=True), st.sampled_from(PURPOSES), st.integers(1, 3 * 10**9)
)
@settings(max_examples=40)
def test_a_link_gives_back_its_public_id(public_id: str, purpose: LinkPurpose, second: int) -> None:
    made_at = datetime.fromtimestamp(second, UTC)
    assert LINKS.verify(purpose, LINKS.token(purpose, public_id, made_at), made_at) == public_id


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("other", PURPOSES)
def test_a_link_works_for_its_purpose_alone(purpose: LinkPurpose, other: LinkPurpose) -> None:
    token = LINKS.token(purpose, "reader", NOW)
    if purpose == other:
        assert LINKS.verify(other, token, NOW) == "reader"
    else:
        with pytest.raises(ForgedLinkError):
            LINKS.verify(other, token, NOW)


@given(st.text(max_size=80))
@settings(max_examples=40)
def test_a_token_that_we_did_not_make_is_forged(token: str) -> None:
    with pytest.raises(ForgedLinkError):
        LINKS.verify("preferences", token, NOW)


@given(st.integers(0, 40), st.characters(min_codepoint=33, max_codepoint=126))
@settings(max_examples=40)
def test_a_changed_link_is_forged(position: int, character: str) -> None:
    token = LINKS.token("preferences", "AbCdEfGhIjKlMnOp", NOW)
    changed = token[:position] + character + token[position + 1 :]
    if changed != token:
        with pytest.raises(ForgedLinkError):
            LINKS.verify("preferences", changed, NOW)


@pytest.mark.parametrize("value", ["reader", "reader.O", "reader.aSNF.aSNF", "reader.BBBBBBBBBBA"])
def test_what_we_signed_but_never_wrote_is_forged(value: str) -> None:
    signed = Signer(
        "a secret of thirty-two characters",
        salt="dateline.confirm",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    ).sign(value)
    with pytest.raises(ForgedLinkError):
        LINKS.verify("confirm", signed.decode(), NOW)


def test_a_link_of_another_site_is_forged() -> None:
    other_site = SignedLinks("another secret of thirty characters", "https://news.example.org")
    with pytest.raises(ForgedLinkError):
        LINKS.verify("unsubscribe", other_site.token("unsubscribe", "reader", NOW), NOW)


@pytest.mark.parametrize(("purpose", "days"), [("confirm", 7), ("preferences", 90)])
def test_a_link_works_for_its_days_and_then_is_expired(purpose: LinkPurpose, days: int) -> None:
    token = LINKS.token(purpose, "reader", NOW)
    assert LINKS.verify(purpose, token, NOW + timedelta(days=days)) == "reader"
    with pytest.raises(ExpiredLinkError, match=f"{days} days"):
        LINKS.verify(purpose, token, NOW + timedelta(days=days, seconds=1))


def test_the_link_to_unsubscribe_works_for_ever() -> None:
    token = LINKS.token("unsubscribe", "reader", NOW)
    assert LINKS.verify("unsubscribe", token, NOW + timedelta(days=10_000)) == "reader"


def test_a_link_of_an_earlier_mail_works_with_its_signature() -> None:
    signer = Signer(
        "a secret of this test",
        salt="dateline.unsubscribe",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
    token = signer.sign("AbCdEf.aSNF").decode()
    links = SignedLinks("a secret of this test", "https://news.example.org")
    assert links.verify("unsubscribe", token, NOW) == "AbCdEf"
    assert links.token("unsubscribe", "AbCdEf", NOW) != token
    with pytest.raises(ForgedLinkError):
        links.verify("preferences", token, NOW)


def test_a_link_has_one_slash_after_the_site_and_no_character_that_mail_breaks() -> None:
    url = LINKS.url("confirm", "AbCd", NOW)
    assert url.startswith("https://news.example.org/confirm/AbCd.")
    assert not set(url) & set("= <>\"'%&")


@given(
    st.from_regex(r"[A-Za-z0-9_-]{16}", fullmatch=True), st.sampled_from(PURPOSES), st.integers(1, 3 * 10**9),
    st.text(max_size=20),
)  # fmt: skip
@settings(max_examples=100)
def test_a_token_is_found_whatever_follows_it(
    public_id: str, purpose: LinkPurpose, second: int, ending: str
) -> None:
    token = LINKS.token(purpose, public_id, datetime.fromtimestamp(second, UTC))
    assert find_token(token + ending) == token


def test_a_long_text_without_a_token_takes_no_time() -> None:
    for text in ("a." * 200_000, "a" * 400_000, "a.b" * 100_000 + "."):
        assert find_token(text) == text
