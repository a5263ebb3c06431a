"""When articles are one story, and what is shown of it."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=48)  # after which the same headline is another event ("Markets close higher")
SHORTEST = 4  # words; shorter headlines ("Live updates") are used again and again


def title_key(title: str) -> str:
    """Equal for headlines that differ only in case, punctuation or width; "" for those too short to tell anything."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold())
    return hashlib.sha256(" ".join(words).encode()).hexdigest() if len(words) >= SHORTEST else ""


@dataclass(frozen=True, slots=True)
class Report:
    """One article as a digest shows it."""

    article_id: int
    source_id: int
    source: str
    title: str
    url: str
    excerpt: str
    published_at: datetime
    language: str = ""  # BCP 47; "" where the source does not say
    image: str = ""  # address of its picture
    image_width: int | None = None  # pixels, where the source says it
    image_height: int | None = None


@dataclass(frozen=True, slots=True)
class ShownStory:
    """A story as a digest shows it: led by its best report, then the others, one of each source."""

    id: int
    version: int
    first_seen_at: datetime
    hidden: bool
    lead: Report
    also_in: tuple[Report, ...]
    countries: tuple[str, ...]  # best first


def shown(story_id: int, version: int, first_seen_at: datetime, *, hidden: bool, told: "Told") -> ShownStory:
    """Choose the lead: the fullest excerpt, then whoever was first."""
    ranked = sorted(told.reports, key=lambda report: (-len(report.excerpt), report.article_id))
    lead, others = ranked[0], {report.source_id: report for report in reversed(ranked[1:])}
    also = tuple(report for source, report in sorted(others.items()) if source != lead.source_id)
    return ShownStory(story_id, version, first_seen_at, hidden, lead, also, told.countries)


@dataclass(frozen=True, slots=True)
class Told:
    """All reports of a story, and the countries that it is about, best first."""

    reports: tuple[Report, ...]
    countries: tuple[str, ...]
