"""Reads times of day and zones as publishers write them: "8:30 p.m. EST", "下午8点", "20시 30분", "٠٨:٣٠ مساءً"."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from functools import lru_cache

# Hours ahead of UTC of the zone abbreviations that news sites write, each in its most usual meaning there.
ZONE_HOURS = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet", "g"), 0.0),
    **dict.fromkeys(("bst", "west", "cet", "met", "mez", "wat"), 1.0),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "cat", "sast"), 2.0),
    **dict.fromkeys(("eest", "msk", "eat", "trt"), 3.0),
    "irst": 3.5,
    **dict.fromkeys(("gst", "get", "azt", "amt"), 4.0),
    "aft": 4.5,
    **dict.fromkeys(("pkt", "uzt", "tmt", "tjt"), 5.0),
    "ist": 5.5,
    "npt": 5.75,
    **dict.fromkeys(("kgt", "almt", "bdt"), 6.0),
    **dict.fromkeys(("wib", "ict"), 7.0),
    **dict.fromkeys(("hkt", "sgt", "pht", "awst", "myt"), 8.0),
    **dict.fromkeys(("jst", "kst"), 9.0),
    "aest": 10.0,
    "aedt": 11.0,
    "nzst": 12.0,
    "nzdt": 13.0,
    **dict.fromkeys(("brt", "art", "adt"), -3.0),
    **dict.fromkeys(("edt", "ast"), -4.0),
    **dict.fromkeys(("est", "et", "cdt"), -5.0),
    **dict.fromkeys(("cst", "ct", "mdt"), -6.0),
    **dict.fromkeys(("mst", "mt", "pdt"), -7.0),
    **dict.fromkeys(("pst", "pt", "akdt"), -8.0),
    "akst": -9.0,
    "hst": -10.0,
}


class DayHalf(StrEnum):
    """The half of the day in which an hour of a 12-hour clock is."""

    MORNING = "am"
    AFTERNOON = "pm"


# Words before the hour: Chinese, Korean, Japanese, and Arabic's "the hour" does not change it.
HALF_BEFORE = {
    **dict.fromkeys(
        ["上午", "早上", "早晨", "清晨", "凌晨", "오전", "새벽", "아침", "午前"], DayHalf.MORNING
    ),
    **dict.fromkeys(
        ["下午", "晚上", "晚间", "晚間", "傍晚", "中午", "오후", "저녁", "밤", "午後"], DayHalf.AFTERNOON
    ),
}
# Words after the time: English, Spanish ("p. m."), Greek, Arabic, Persian, Urdu, Vietnamese.
HALF_AFTER = {
    **dict.fromkeys(
        ["am", "πμ", "ص", "صباحا", "صباحاً", "صباحًا", "قظ", "قبلازظهر", "sa", "sáng"], DayHalf.MORNING
    ),
    **dict.fromkeys(
        [
            "pm",
            "μμ",
            "م",
            "مساء",
            "مساءا",
            "مساءً",
            "ظهرا",
            "ظهرًا",
            "بظ",
            "بعدازظهر",
            "ch",
            "chiều",
            "tối",
        ],
        DayHalf.AFTERNOON,
    ),
}
_BEFORE = "|".join(HALF_BEFORE)
_AFTER = (
    r"[ap]\.?\s?m\b\.?|[πμ]\.?\s?μ\.?(?!\w)|(?:صباح|ظهر|مساء)[اًًاء]*|[قب]\.ظ\.?|قبل\s?از\s?ظهر|بعد\s?از\s?ظهر"
    r"|[صم](?![^\W\d_])|(?:sáng|chiều|tối|(?-i:SA|CH))\b"
)
HOUR_SIGN = "[時时点點시]"  # after the hour, in Chinese, Japanese and Korean
# Groups: half_before, hour, minute, second, half_after. Without minutes, a sign or a half must follow the hour.
TIME_PATTERN = (
    rf"(?:(?:(?P<half_before>{_BEFORE})\s*)?(?P<hour>\d{{1,2}})"
    rf"(?:(?:[:.]|\s?h\s?|\s?{HOUR_SIGN}\s?)(?P<minute>\d{{1,2}})(?!\d)\s?[分분]?"
    r"(?:(?:(?<=\d)[:.]|(?<=[분分])\s?)(?P<second>\d{1,2})[秒초]?(?:[.,]\d+)?)?"
    rf"|\s?{HOUR_SIGN}(?!\s?\d)|(?=\s?[ap]\.?m\b))"
    rf"\s*(?P<half_after>{_AFTER})?)"
)
ZONE_PATTERN = r"(?P<zone>(?:[a-z]{1,5}\b)?\s*(?:[+\u2212-]\s?\d{1,2}(?::?\d{2})?)?)"
ZONE = re.compile(r"([a-z]*)\s*(?:([+\u2212-])\s?(\d{1,2}):?(\d{2})?)?")


def to_moment(day: date, match: re.Match[str]) -> datetime | None:
    """The moment in UTC of a match of `TIME_PATTERN` and `ZONE_PATTERN` on a day; None if there is no such time."""
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    hour = to_24_hours(hour, _half(match))
    carried = timedelta(days=1) if hour == 24 else timedelta()  # ISO 8601: 24:00 is the end of the day
    try:
        clock = time(0 if carried else hour, minute, min(second, 59))
        return (datetime.combine(day, clock, parse_zone(match["zone"])) + carried).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def to_24_hours(hour: int, half: DayHalf | str | None) -> int:
    """The hour on a 24-hour clock. `half` is empty or None if `hour` is on one already."""
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half[0] in "pP" else 0)


@lru_cache(maxsize=256)  # a feed has one or two
def parse_zone(text: str | None) -> timezone:
    """The zone of "+03:00", "GMT+3", "EST" or ""; UTC if it is unknown."""
    match = ZONE.fullmatch((text or "").strip().lower())
    if not match:
        return UTC
    name, sign, hours, minutes = match.groups()
    if not sign:
        return timezone(timedelta(hours=ZONE_HOURS.get(name, 0.0)))
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset >= timedelta(hours=24):
        return UTC
    return timezone(offset if sign == "+" else -offset)


def _half(match: re.Match[str]) -> DayHalf | None:
    if match["half_before"]:
        return HALF_BEFORE[match["half_before"]]
    word = re.sub(r"[.\s]", "", match["half_after"] or "").casefold()
    return HALF_AFTER.get(word)
