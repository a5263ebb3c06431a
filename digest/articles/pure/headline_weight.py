"""How much a headline says that something happened: a report of hard news, a plain one, or a routine one."""

from enum import StrEnum
from functools import lru_cache

from digest.articles.pure.kind_rules import Weight, fold_words, load_rules

MIN_REPORT_WORDS = 3  # fewer name a subject ("Flawed inquiries"), and say nothing that happened to it
MAX_TITLE_LENGTH = 400  # characters that are looked at


class HeadlineWeight(StrEnum):
    """What the words of a headline say."""

    HARD = "hard"  # violence, disasters, politics, courts
    PLAIN = "plain"  # none of these
    ROUTINE = "routine"  # prices of a day, a company's figures, the bare name of a subject


@lru_cache(maxsize=20_000)  # an edition asks for the same headlines as the one a quarter of an hour earlier
def headline_weight(title: str, language: str = "") -> HeadlineWeight:
    """The weight of a headline; `language` is a BCP 47 tag or "".

    >>> str(headline_weight("Oil slips as traders wait", "en"))
    'routine'
    """
    matcher = load_rules().matcher(language)
    folded = fold_words(title[:MAX_TITLE_LENGTH])
    words = folded.split()
    found = {match.meaning for match in matcher.phrases.find(words)}
    if Weight.GRAVE in found:
        return HeadlineWeight.HARD
    if matcher.routine.search(folded):
        return HeadlineWeight.ROUTINE
    if Weight.CIVIC in found:
        return HeadlineWeight.HARD
    # Languages that write whole sentences as one or two words are left out.
    is_name = folded.isascii() and len(words) < MIN_REPORT_WORDS
    return HeadlineWeight.ROUTINE if is_name else HeadlineWeight.PLAIN
