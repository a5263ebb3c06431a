"""Words that never mean a country: what an editor may exclude, and how every process learns of it."""

from collections.abc import Iterator

from digest.database import Tx
from digest.errors import ConflictError, InvalidInputError, NewsroomText
from digest.line_text import clean_line
from digest.regions.models import TagExclusion
from digest.regions.pure.exclusions import LONGEST_WORDS, BaseForm, Exclusions
from digest.regions.pure.text_folding import lookup_key
from digest.regions.store import exclusions as store
from digest.regions.tree.region_names import bundled_names

# A bound for the time that each process takes to load them, some milliseconds. Tagging takes as long with any number.
MOST_EXCLUSIONS = 1_000


class KnownExclusions:
    """The exclusions as a process knows them. `refresh` is one small query if nothing has changed."""

    def __init__(self) -> None:
        self._loaded: tuple[store.Version, Exclusions] = ((0, 0), Exclusions(()))

    @property
    def current(self) -> Exclusions:
        """The exclusions as they were at the last `refresh`: the same object as long as nothing changes."""
        return self._loaded[1]

    def refresh(self, tx: Tx) -> Exclusions:
        """Load what editors have changed, perhaps in another process."""
        version = store.version(tx)
        if version != self._loaded[0]:
            self._loaded = (version, load(tx))
        return self._loaded[1]


def load(tx: Tx) -> Exclusions:
    """The exclusions as they are now."""
    return Exclusions(store.all_exclusions(tx))


def clean_words(words: str) -> str:
    """The words on one line, as they are stored. Raises InvalidInputError."""
    words = clean_line(words)
    if not lookup_key(words):
        raise InvalidInputError(NewsroomText("Type the words that never mean this country."))
    if len(words) > LONGEST_WORDS or len(lookup_key(words)) > LONGEST_WORDS:
        raise InvalidInputError(
            NewsroomText(
                "%(length)s characters are too many; give a name and the words around it, %(most)s characters at most.",
                length=len(words),
                most=LONGEST_WORDS,
            )
        )
    return words


def check_allowed(words: str, country: str, source_id: int | None, base: BaseForm | None) -> None:
    """Raise InvalidInputError for a country's own name without more, unless it is for one source only.

    In one source ("Georgia" in a newspaper of Atlanta) an editor can know what a name means. In all sources, the
    country would lose its news.
    """
    keys = {lookup_key(words)} | ({lookup_key(base.text)} if base else set())
    if source_id is None and not keys.isdisjoint(map(lookup_key, _own_names(country))):
        raise InvalidInputError(
            NewsroomText(
                '"%(words)s" is the name of the country itself. Add the words around it, such as "Georgia Bulldogs", '
                "or choose one source only.",
                words=words,
            )
        )


def check_new(tx: Tx, words: str, country: str, source_id: int | None) -> None:
    """Raise ConflictError if the words are excluded already, or if there are MOST_EXCLUSIONS."""
    if (held := store.holding(tx, words, country, source_id)) is not None:
        raise ConflictError(_held_already(held))
    if store.count(tx) >= MOST_EXCLUSIONS:
        raise ConflictError(
            NewsroomText(
                "There are %(most)s exclusions, and no more are possible. Remove some that are not needed.",
                most=MOST_EXCLUSIONS,
            )
        )


def _held_already(held: TagExclusion) -> NewsroomText:
    if held.source_id is None:
        return NewsroomText(
            '"%(words)s" is excluded for this country in all sources already, by %(editor)s.',
            words=held.words,
            editor=held.added_by,
        )
    return NewsroomText(
        '"%(words)s" is excluded for this country in this source already, by %(editor)s.',
        words=held.words,
        editor=held.added_by,
    )


def _own_names(country: str) -> Iterator[str]:
    names = bundled_names()
    yield from names.in_all_languages(country)
    yield from names.aliases(country)
