"""What editors corrected, as cases: an article and the countries it is about, for measuring and mending the tagger."""

from collections.abc import Iterator
from typing import Any

from digest.articles.store import articles as store
from digest.database import Tx


def cases(tx: Tx) -> Iterator[dict[str, Any]]:
    """A case an article, oldest first, in the form that `dateline regions tag` reads, with what it should say.

    `countries` is empty for an article about none. `primary` is there when an editor chose just one country.
    """
    for article, home in store.retagged(tx):
        countries = [tag.country for tag in article.tags]
        yield {
            "id": f"article-{article.id}",
            "url": article.url,
            "title": article.title,
            "text": article.text,
            "home": home,
            "countries": countries,
            "primary": countries[0] if len(countries) == 1 else None,
        }
