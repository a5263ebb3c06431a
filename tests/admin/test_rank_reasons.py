"""The newsroom has words for every reason for which a story stands where it stands."""

from digest.admin.rank_reasons import WORDS
from digest.editions.pure.ranking import Reason


def test_every_reason_has_words() -> None:
    assert set(WORDS) == set(Reason)
