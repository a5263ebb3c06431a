"""The ids of web editions: random, with a day that survives the digest."""

import secrets
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.editions.pure.public_ids import dated_public_id, is_no_longer_kept

CUTOFFS = st.datetimes(datetime(2020, 1, 1), datetime(2149, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(CUTOFFS, st.integers(30, 3650))
def test_a_missing_digest_was_deleted_once_its_edition_is_older_than_the_archive(
    cutoff: datetime, archive_days: int
) -> None:
    public_id = dated_public_id(secrets.token_urlsafe(12), cutoff)
    end = cutoff + timedelta(days=archive_days)
    assert len(public_id) <= 32
    assert is_no_longer_kept(public_id, before=end - timedelta(days=archive_days))
    assert not is_no_longer_kept(public_id, before=end - timedelta(days=archive_days + 1))


def test_an_id_without_a_day_was_made_by_an_earlier_version() -> None:
    assert is_no_longer_kept("Kd83ha_0sl-gHw2k", before=datetime(2026, 1, 1, tzinfo=UTC))


@given(st.text(max_size=40).filter(lambda text: len(text) not in (16, 20)))
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_no_longer_kept(text, before=datetime(2149, 1, 1, tzinfo=UTC))


def test_digits_that_are_no_hexadecimal_day_make_no_id() -> None:
    assert not is_no_longer_kept("Kd83ha_0sl-gHw2k" + "٠١٢٣", before=datetime(2149, 1, 1, tzinfo=UTC))
    assert not is_no_longer_kept("Kd83ha_0sl-gHw2kZZZZ", before=datetime(2149, 1, 1, tzinfo=UTC))
