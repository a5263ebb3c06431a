"""Finds the gazetteer's phrases in a text, as whole words with the right capitals; the longest phrase wins."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import ahocorasick_rs

from digest.regions.pure.foreign_names import ForeignNameFinder
from digest.regions.pure.text_folding import normalize_punctuation, strip_accents
from digest.regions.pure.uppercase import UppercaseNormalizer
from digest.regions.pure.vocabulary import Gazetteer, Phrase, PhraseKind, TextPart

# With this share of capitals among a text's letters, or more, a capital means nothing ("TELL US MORE").
ALL_CAPS_SHARE = 0.8
ALL_CAPS_SAMPLE = 200  # characters of a text that are counted
ALL_CAPS_MIN_LETTERS = 8  # a text with fewer letters is too short to tell
# An organisation's acronym with so many letters, or fewer, may be a word of a text that is all in capitals ("WHO").
LONGEST_WORDLIKE_ACRONYM = 3
SHORTEST_UPPERCASE_LEADER = 3  # letters; "XI" is a Roman number more often than Xi in capitals
ANY_CASE_KINDS = frozenset({PhraseKind.CLUE, PhraseKind.LOCAL, PhraseKind.GUARD})
NON_ENGLISH_KINDS = frozenset({PhraseKind.UNSPACED, PhraseKind.FOREIGN})
# Words that make another place of the next word: "St. Paris", "Fort Lebanon", "Lake Victoria".
PLACE_PREFIXES = frozenset(["st", "saint", "san", "santa", "fort", "mount", "lake", "port"])
# The last two characters of these, with and without a full stop: a quick test that rules most words out.
PLACE_PREFIX_ENDS = frozenset(
    f"{first}{second}"
    for word in PLACE_PREFIXES
    for end in (word[-2:], f"{word[-1]}.", "..")
    for first in (end[0], end[0].upper())
    for second in (end[1], end[1].upper())
)
# Characters at the start of a text in which a town may be in capitals, as in a dateline. Later capitals are a heading.
UPPERCASE_TOWN_WITHIN = 200
LONGEST_GAP = 2  # characters between a place and its qualifier: a comma and a blank
LONGEST_PLACE_PREFIX = 7  # characters, with the blank
ACRONYM, QUALIFIER = PhraseKind.ACRONYM, PhraseKind.QUALIFIER
# When the text before a phrase is checked: after a place prefix only, also for words in capitals, always.
AFTER_PREFIX, IF_UPPERCASE, ALWAYS = 1, 2, 3
PREFIX_CHECK_BY_KIND = {
    PhraseKind.NAME: AFTER_PREFIX,
    PhraseKind.CAPITAL: AFTER_PREFIX,
    PhraseKind.ACRONYM: AFTER_PREFIX,
    PhraseKind.GROUP: AFTER_PREFIX,
    PhraseKind.CITY: IF_UPPERCASE,
    PhraseKind.STATE: IF_UPPERCASE,
    PhraseKind.TOWN: IF_UPPERCASE,
    PhraseKind.QUALIFIER: ALWAYS,
}
PLACE_KINDS = frozenset({PhraseKind.CITY, PhraseKind.STATE, PhraseKind.TOWN})


@dataclass(slots=True)
class Mention:
    """A phrase at its place in a text: characters `[start, end)`.

    The class is not frozen, because thousands are made a second, and a frozen one takes three times as long to make.
    """

    start: int
    end: int
    phrase: Phrase
    text: str  # the whole text with normal punctuation, as long as the original
    where: TextPart
    country: str = ""  # the country that the phrase means here, once chosen
    follows_previous: bool = False  # starts within LONGEST_GAP of the previous mention, so may qualify it

    def words(self, source: str) -> str:
        """The mention as `source`, the original of `text`, writes it, without the punctuation of qualifiers."""
        return source[self.start : self.end].strip(" ,(")


class PhraseFinder:
    """Searches a text for all phrases in one pass (Aho-Corasick). Made once, because that takes a moment."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        english = [phrase for phrase in gazetteer.phrases if phrase.kind not in NON_ENGLISH_KINDS]
        self._foreign_phrases = [phrase for phrase in gazetteer.phrases if phrase.kind in NON_ENGLISH_KINDS]
        self._uppercase = UppercaseNormalizer(phrase.text for phrase in english)
        self._phrases = _phrase_by_form(english, self._uppercase)
        forms = sorted(self._phrases)  # sorted forms make the matcher a third faster to build
        # By the index of a form. One list and two byte strings are faster to make than 50,000 tuples.
        self._phrase_of = [self._phrases[form] for form in forms]
        self._begins_word = bytes([form[0] not in ", " for form in forms])
        self._prefix_check = bytes([PREFIX_CHECK_BY_KIND.get(phrase.kind, 0) for phrase in self._phrase_of])
        self._matcher = ahocorasick_rs.AhoCorasick(
            forms, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, store_patterns=False
        )

    @cached_property
    def _foreign(self) -> ForeignNameFinder:
        """Made for the first text that is not English."""
        return ForeignNameFinder(self._foreign_phrases)

    def find(self, text: str, where: TextPart, *, english: bool) -> list[Mention]:
        """All mentions in `text` in order. Mentions of the same language do not overlap.

        `english` says that no other language needs to be searched.
        """
        text = normalize_punctuation(text)
        all_caps = is_all_caps(text)
        recased = self._recase(text, text if all_caps or where == "title" else text[:UPPERCASE_TOWN_WITHIN])
        phrase_of, begins_word, prefix_check = self._phrase_of, self._begins_word, self._prefix_check
        mentions: list[Mention] = []
        previous_end = -LONGEST_GAP - 1
        for index, start, match_end in self._matcher.find_matches_as_indexes(recased):
            if start and begins_word[index] and text[start - 1].isalnum():
                continue
            phrase, end = phrase_of[index], match_end
            if end < len(text) and text[end].isalpha() and text[end - 1] not in ".,":
                shorter = self._shorter_phrase(recased[start:end])
                if shorter is None:
                    continue
                phrase, end = shorter[0], start + shorter[1]
            check = prefix_check[index]
            if (
                check
                and (
                    text[start - 3 : start - 1] in PLACE_PREFIX_ENDS
                    or (check == IF_UPPERCASE and text[start + 1].isupper())
                    or check == ALWAYS
                    or all_caps
                )
                and not _is_allowed_by_prefix(text, start, phrase, all_caps=all_caps)
            ):
                continue
            mention = Mention(start, end, phrase, text, where)
            mention.follows_previous = start - previous_end <= LONGEST_GAP
            mentions.append(mention)
            previous_end = end
        if english:
            return mentions
        foreign = (Mention(*match, text, where) for match in self._foreign.find(text))
        return _drop_overlaps([*mentions, *foreign])

    def _recase(self, text: str, head: str) -> str:
        """The text, with words in capitals in `head`, its beginning, written as names are ("Paris")."""
        normalized = self._uppercase.normalize(head)
        return text if normalized is head else normalized + text[len(head) :]

    def _shorter_phrase(self, words: str) -> tuple[Phrase, int] | None:
        """The longest phrase that `words` begin with and that is at least a word shorter, with its length."""
        end = words.rfind(" ")
        while end > 0:
            phrase = self._phrases.get(words[:end])
            if phrase is not None:
                return phrase, end
            end = words.rfind(" ", 0, end)
        return None


def _phrase_by_form(phrases: Iterable[Phrase], uppercase: UppercaseNormalizer) -> dict[str, Phrase]:
    """By each form in which a text may write it, the phrase. A form of several phrases means the first one."""
    phrase_of: dict[str, Phrase] = {}
    add = phrase_of.setdefault
    for phrase in phrases:
        text = phrase.text
        if phrase.kind in PLACE_KINDS and text.isascii() and "-" not in text and uppercase.round_trips(text):
            add(text, phrase)  # the usual case; faster than the forms below, with the same result
        else:
            for form in _forms(phrase, uppercase):
                add(form, phrase)
    return phrase_of


def _forms(phrase: Phrase, uppercase: UppercaseNormalizer) -> Iterator[str]:
    """The phrase with and without accents, in title case, and in capitals throughout."""
    written, kind = normalize_punctuation(phrase.text), phrase.kind
    spellings = (written,) if written.isascii() else (written, strip_accents(written))
    for spelling in spellings:
        yield spelling
        if kind in PLACE_KINDS and uppercase.round_trips(spelling):
            continue
        if kind is not ACRONYM and not _has_one_spelling(phrase):
            if " " in spelling:
                yield " ".join([word[:1].upper() + word[1:] for word in spelling.split(" ")])
            yield uppercase.normalize(spelling.upper())
            if kind not in PLACE_KINDS:
                yield spelling.upper()
        if kind in ANY_CASE_KINDS:
            # The blank keeps the matcher from following every word that begins like the phrase.
            yield f" {spelling.lower()}"


def _is_allowed_by_prefix(text: str, start: int, phrase: Phrase, *, all_caps: bool) -> bool:
    """Whether the words can be the phrase, given the text before them."""
    kind = phrase.kind
    if kind is QUALIFIER:
        return start > 1 and text[start - 1].isalpha()
    if all_caps and _is_plain_acronym(phrase):
        return False
    if start < 2 or text[start - 1] != " ":
        return True
    char_before = text[start - 2]
    if text[start + 1].isupper() and not all_caps and char_before.islower() and kind in PLACE_KINDS:
        # An acronym in running text ("SARI surveillance"). A town in capitals is in a dateline.
        return False
    return (
        text[start - 3 : start - 1] not in PLACE_PREFIX_ENDS
        or _word_before(text, start) not in PLACE_PREFIXES
    )


def _is_plain_acronym(phrase: Phrase) -> bool:
    if phrase.kind is PhraseKind.GROUP:
        return phrase.text.isupper() and len(phrase.text) <= LONGEST_WORDLIKE_ACRONYM
    return phrase.kind is PhraseKind.ACRONYM and phrase.text.isalpha()


def _has_one_spelling(phrase: Phrase) -> bool:
    """Whether a phrase counts only as it is written: an organisation's acronym, a surname of two letters."""
    if phrase.kind is PhraseKind.GROUP:
        return phrase.text.isupper()
    return phrase.kind is PhraseKind.LEADER and len(phrase.text) < SHORTEST_UPPERCASE_LEADER


def _word_before(text: str, start: int) -> str:
    return text[max(start - LONGEST_PLACE_PREFIX, 0) : start - 1].rpartition(" ")[2].rstrip(".").lower()


def is_all_caps(text: str) -> bool:
    """Whether a text is in capitals throughout."""
    sample = text[:ALL_CAPS_SAMPLE]
    if sample[1:2].islower() or sample[2:3].islower():
        return False
    upper, lower = sum(map(str.isupper, sample)), sum(map(str.islower, sample))
    return upper + lower >= ALL_CAPS_MIN_LETTERS and upper >= ALL_CAPS_SHARE * (upper + lower)


def _drop_overlaps(mentions: list[Mention]) -> list[Mention]:
    """The mentions in order. Of two that overlap, the first one stays; of two that begin together, the longer one."""
    result: list[Mention] = []
    for mention in sorted(mentions, key=lambda mention: (mention.start, -mention.end)):
        if not result or mention.start >= result[-1].end:
            result.append(mention)
    return result
