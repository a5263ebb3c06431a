"""Links of counted stories in rendered text: placeholders, replaced for each edition without rendering again."""

import re
import secrets

from digest.editions.fragment_values import StoryFragment, TextAroundTime
from digest.mail.pure.slotted_text import Block
from digest.opens.pure.counted_links import TOKEN_LENGTH, CountedLink, CountedLinks

ID_DIGITS = 10  # of the largest id that a row can have
NONCE_LENGTH = TOKEN_LENGTH - ID_DIGITS


class LinkPlaceholders:
    """Placeholders for the links of one process: as long as the links, and no story can contain one."""

    def __init__(self, links: CountedLinks) -> None:
        self._links = links
        self._nonce = secrets.token_hex(NONCE_LENGTH)[:NONCE_LENGTH]
        self._pattern = re.compile(rf"{self._nonce}(\d{{{ID_DIGITS}}})")

    def url(self, article_id: int) -> str:
        """What stands for the link of an article in any edition."""
        return f"{self._links.prefix}{self._nonce}{article_id:0{ID_DIGITS}d}"

    def fill(self, fragment: StoryFragment, edition_id: int) -> StoryFragment:
        """A fragment with the links of an edition."""

        def token(match: re.Match[str]) -> str:
            return self._links.token(CountedLink(int(match[1]), edition_id))

        def blocks(text: TextAroundTime) -> TextAroundTime:
            return TextAroundTime(*(Block(self._pattern.sub(token, part)) for part in text))

        return StoryFragment(
            html=blocks(fragment.html),
            text=blocks(fragment.text),
            published_at=fragment.published_at,
            is_recent=fragment.is_recent,
            octets=fragment.octets,
            picture=self._pattern.sub(token, fragment.picture),
            picture_octets=fragment.picture_octets,
        )
