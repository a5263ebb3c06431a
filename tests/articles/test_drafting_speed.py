"""Making drafts stays cheap: most of what is looked for in a text is not there, and must be ruled out quickly."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.articles.pure.drafts import draft_articles
from digest.regions.pure.tagger import Tagger
from digest.sources.pure.entries import Entry
from tests.sources.test_date_speed import count_calls

NOW = datetime(2026, 1, 15, tzinfo=UTC)
SENTENCES = (
    "The ferry between the two banks of the river runs again after a storm that closed it for three days.",
    "Officials in Almaty said on Wednesday that repairs would go on until the end of the month.",
    "Fishermen asked for help – the harbour’s pumps had stood still since Sunday.",
)
# Counted: 596 a draft. Compiling a pattern, or trying each footer of each language, takes thousands.
MOST_CALLS_A_DRAFT = 800


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_draft_takes_few_calls(tagger: Tagger, language: str) -> None:
    entries = [
        Entry(
            id=f"https://quay.example/world/2026/01/{number}",
            link=f"https://quay.example/world/2026/01/{number}?utm_source=rss",
            title=f"Ferry runs again after storm number {number}",
            summary=f"{SENTENCES[number % 3]} {SENTENCES[(number + 1) % 3]}",
            categories=("World", "Transport"),
            published=NOW - timedelta(hours=number),
        )
        for number in range(20)
    ]

    def draft() -> None:
        draft_articles(entries, tagger, home=None, seen_at=NOW, language=language)

    draft()  # loads the rules, once for each process
    assert count_calls(draft) / len(entries) < MOST_CALLS_A_DRAFT
