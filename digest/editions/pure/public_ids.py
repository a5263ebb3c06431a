"""The ids in the URLs of web editions: random, with the day of the edition at their end.

The day tells a digest that was deleted for its age from one that never was, without a row for each deleted one.
"""

import re
from datetime import date, datetime, timedelta

FIRST_DAY = date(1970, 1, 1)
# 16 random characters, then the days since FIRST_DAY. Ids of earlier versions have no day.
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{16}(?P<day>[0-9a-f]{4})?")


def dated_public_id(random_part: str, cutoff: datetime) -> str:
    """The id of a digest of the edition with this cutoff.

    >>> from datetime import UTC
    >>> dated_public_id("Kd83ha_0sl-gHw2k", datetime(2026, 11, 29, tzinfo=UTC))
    'Kd83ha_0sl-gHw2k5125'
    """
    return f"{random_part}{(cutoff.date() - FIRST_DAY).days:04x}"


def is_no_longer_kept(public_id: str, *, before: datetime) -> bool:
    """Whether a digest that does not exist was deleted because its edition was closed before `before`.

    Of an id without a day this is assumed, because nothing makes such ids any more.
    """
    match = PUBLIC_ID.fullmatch(public_id)
    if match is None:
        return False
    return match["day"] is None or FIRST_DAY + timedelta(days=int(match["day"], 16)) <= before.date()
