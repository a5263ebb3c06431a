"""Signed links: made for one reader and one purpose, not to be forged, and some of them too old one day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.subscribers.pure.links import AGES, ForgedLinkError, Links, OldLinkError, Purpose

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LINKS = Links("a secret of thirty-two characters", "https://news.example.org/")
PURPOSES: list[Purpose] = list(AGES)


@given(
    st.from_regex(r"[A-Za-z0-9_-]{16}", fullmatch=True), st.sampled_from(PURPOSES), st.integers(0, 3 * 10**9)
)
@settings(max_examples=40)
def test_a_link_gives_back_who_it_was_made_for(public_id: str, purpose: Purpose, second: int) -> None:
    made = datetime.fromtimestamp(second, UTC)
    assert LINKS.read(purpose, LINKS.token(purpose, public_id, made), made) == public_id


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("other", PURPOSES)
def test_a_link_works_for_its_purpose_alone(purpose: Purpose, other: Purpose) -> None:
    token = LINKS.token(purpose, "reader", NOW)
    if purpose == other:
        assert LINKS.read(other, token, NOW) == "reader"
    else:
        with pytest.raises(ForgedLinkError):
            LINKS.read(other, token, NOW)


@given(st.text(max_size=80))
@settings(max_examples=40)
def test_what_we_did_not_make_is_forged(token: str) -> None:
    with pytest.raises(ForgedLinkError):
        LINKS.read("preferences", token, NOW)


@given(st.integers(0, 40), st.characters(min_codepoint=33, max_codepoint=126))
@settings(max_examples=40)
def test_a_changed_link_is_forged(place: int, character: str) -> None:
    token = LINKS.token("preferences", "AbCdEfGhIjKlMnOp", NOW)
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        with pytest.raises(ForgedLinkError):
            LINKS.read("preferences", changed, NOW)


def test_a_link_of_another_site_is_forged() -> None:
    theirs = Links("another secret of thirty characters", "https://news.example.org")
    with pytest.raises(ForgedLinkError):
        LINKS.read("unsubscribe", theirs.token("unsubscribe", "reader", NOW), NOW)


@pytest.mark.parametrize(("purpose", "days"), [("confirm", 7), ("preferences", 90)])
def test_a_link_works_for_its_days_and_then_says_that_it_is_old(purpose: Purpose, days: int) -> None:
    token = LINKS.token(purpose, "reader", NOW)
    assert LINKS.read(purpose, token, NOW + timedelta(days=days)) == "reader"
    with pytest.raises(OldLinkError, match=f"{days} days"):
        LINKS.read(purpose, token, NOW + timedelta(days=days, seconds=1))


def test_the_link_to_unsubscribe_works_for_ever() -> None:
    token = LINKS.token("unsubscribe", "reader", NOW)
    assert LINKS.read("unsubscribe", token, NOW + timedelta(days=10_000)) == "reader"


def test_a_link_has_one_slash_after_the_site_and_no_character_that_mail_breaks() -> None:
    url = LINKS.url("confirm", "AbCd", NOW)
    assert url.startswith("https://news.example.org/confirm/AbCd.")
    assert not set(url) & set("= <>\"'%&")
