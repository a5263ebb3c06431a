"""The links of counted stories in rendered text: marks, which each edition fills with its own links."""

import secrets
from functools import partial

from digest.editions.bounded_cache import BoundedCache
from digest.mail.pure.marks import MarkForm, Marks
from digest.opens.pure.counted_links import TOKEN_LENGTH, CountedLink, CountedLinks

ID_DIGITS = 10  # of the largest id that a row can have
MAX_EDITIONS = 4  # that a process prepares at the same time, with up to 8 MB each


class LinkPlaceholders:
    """Marks for the links of one process. They have a random part, so no story can contain one."""

    def __init__(self, links: CountedLinks) -> None:
        self._links = links
        self._form = MarkForm(secrets.token_hex(TOKEN_LENGTH)[: TOKEN_LENGTH - ID_DIGITS], ID_DIGITS)
        self._editions: BoundedCache[Marks] = BoundedCache(MAX_EDITIONS)

    def url(self, article_id: int) -> str:
        """What stands for the link of an article in any edition."""
        return self._links.prefix + self._form.mark(article_id)

    def of_edition(self, edition_id: int) -> Marks:
        """What an edition fills in for the marks."""
        return self._editions.get(edition_id) or self._editions.get_or_create(
            edition_id, lambda: Marks(self._form, partial(self._token, edition_id))
        )

    def _token(self, edition_id: int, article_id: int) -> str:
        return self._links.token(CountedLink(article_id, edition_id))
