"""A problem of the installation, and how times are written in its texts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.errors import NewsroomText
from digest.monitoring.states import ProblemLevel, ProblemName


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is late or does not work."""

    name: ProblemName
    level: ProblemLevel
    text: str  # what is wrong, in a sentence
    since: datetime | None = None  # None if it is not known
    subject: str = ""  # which one, where there may be several of a name
    reason: str = ""  # why, if that is known; a part of a sentence
    advice: str = ""  # what to do; a sentence

    @property
    def key(self) -> str:
        """Identifies the problem over time."""
        return f"{self.name}:{self.subject}" if self.subject else str(self.name)

    def describe(self) -> str:
        """What is wrong, why, and what to do, as a line."""
        return join_line(self.text, self.reason, self.advice)

    def as_json(self) -> dict[str, str | None]:
        """The problem for programs."""
        return {
            "name": self.name,
            "level": self.level,
            "subject": self.subject,
            "since": self.since.isoformat() if self.since else None,
            "text": self.text,
            "reason": self.reason,
            "advice": self.advice,
        }


def join_line(text: str, reason: str, advice: str) -> str:
    """A sentence, why it is so, and what to do, as a line; reason and advice may be empty."""
    head = text.rstrip(".") + (f": {reason.rstrip('.')}." if reason else ".")
    return f"{head} {advice}".strip()


def format_age(age: timedelta) -> str:
    """A duration in the two largest units that matter.

    >>> format_age(timedelta(seconds=50)), format_age(timedelta(minutes=61)), format_age(timedelta(days=2, hours=3))
    ('50 s', '1 h 1 min', '2 d 3 h')
    """
    seconds = max(int(age.total_seconds()), 0)
    if seconds < 120:
        return NewsroomText("%(seconds)s s", seconds=seconds)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return (
            NewsroomText("%(days)s d %(hours)s h", days=days, hours=hours % 24)
            if hours % 24
            else NewsroomText("%(days)s d", days=days)
        )
    if hours:
        return (
            NewsroomText("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes % 60)
            if minutes % 60
            else NewsroomText("%(hours)s h", hours=hours)
        )
    return NewsroomText("%(minutes)s min", minutes=minutes)


def format_since(since: datetime, now: datetime) -> str:
    """A moment and how long ago it was: "since 07:00 UTC (2 h 5 min)"."""
    moment = since.astimezone(UTC)
    form = "%H:%M UTC" if timedelta(0) <= now - since < timedelta(hours=20) else "%Y-%m-%d %H:%M UTC"
    return NewsroomText(
        "since %(moment)s (%(age)s)", moment=moment.strftime(form), age=format_age(now - since)
    )
