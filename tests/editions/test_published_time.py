"""A story says when it was published: weekday and hour, or the day alone if its publisher gave no hour."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest.editions.fragments import format_published

ALMATY, NEW_YORK = ZoneInfo("Asia/Almaty"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("moment", "zone", "is_recent", "language", "shown"),
    [
        (datetime(2026, 11, 28, 9, 5, tzinfo=UTC), ALMATY, True, "en", "Sat 14:05"),
        (datetime(2026, 11, 28, 0, 0, 1, tzinfo=UTC), ALMATY, True, "en", "Sat 05:00"),
        (datetime(2026, 11, 28, 9, 5, tzinfo=UTC), ALMATY, False, "en", "28 Nov 2026"),
        # The publisher's day, not the evening before it in New York.
        (datetime(2026, 11, 28, tzinfo=UTC), NEW_YORK, True, "en", "Sat 28 Nov"),
        (datetime(2026, 11, 28, tzinfo=UTC), ALMATY, True, "en", "Sat 28 Nov"),
        (datetime(2026, 11, 28, tzinfo=UTC), NEW_YORK, False, "en", "28 Nov 2026"),
        (datetime(2026, 11, 28, tzinfo=UTC), NEW_YORK, True, "ru", "сб, 28 нояб."),
        (datetime(2026, 11, 28, tzinfo=UTC), NEW_YORK, True, "de", "Sa., 28. Nov."),
    ],
)
def test_a_time_that_nobody_gave_is_not_shown(
    moment: datetime, zone: ZoneInfo, is_recent: bool, language: str, shown: str
) -> None:
    assert format_published(moment, is_recent, zone, language) == shown
