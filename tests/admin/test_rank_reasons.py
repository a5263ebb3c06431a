"""The newsroom has words for every reason for which a story stands where it stands, and shows its points."""

from flask import Flask

from digest.admin.numbers import points
from digest.admin.rank_reasons import WORDS
from digest.editions.pure.ranking import Reason


def test_every_reason_has_words() -> None:
    assert set(WORDS) == set(Reason)


def test_points_have_a_sign_and_nothing_is_never_minus(app: Flask) -> None:
    with app.test_request_context("/admin/"):
        assert [points(value) for value in (-0.001, 0.001, 0.0, 1.254, -1.254)] == [
            "+0.00",
            "+0.00",
            "+0.00",
            "+1.25",
            "-1.25",
        ]
