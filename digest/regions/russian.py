"""Russian inflection, as far as names of countries need it: the stem is listed, the ending is a rule."""

import re
from collections.abc import Iterator

from digest.regions.spelling import words

LONGEST_ENDING = 12  # letters; "-ианскими" and the like have fewer
_CASES = r"[аеиоуыюяйь]{0,2}|[оеёя]м|[оеая]в|[аяи]ми?|[ая]х|ами|ями|ией|иям|иях|ян[еа]?|янам|янин"
_OF_ADJECTIVES = r"(?:ий|ая|ое|ие|ого|ому|им|ом|ой|ую|их|ими|и)"
_PEOPLE = r"(?:ан|ий|ин|он)?(?:ец|ц[ыаеу]|цев|цам|цами|цах|цем)"
_NOUN = re.compile(_CASES)
_ADJECTIVE = re.compile(rf"(?:й|ий|ан|иан|ин|ен|он|ов|ей|аль|ез|ев)?ь?[сц]к{_OF_ADJECTIVES}|{_PEOPLE}")
_ADJECTIVE_AFTER_S = re.compile(rf"к{_OF_ADJECTIVES}")  # the listed stem ends before -кий: "немец-кий"
_FIRST_WORD = (("ая", ("ой", "ую")), ("ие", ("их", "им", "ими")), ("ый", ("ого", "ом")), ("ые", ("ых", "ым")))
_DECLINED = re.compile(r"(?<=[^аеиоуыюя])[аыья]$|(?<=[иаео])[яй]$")  # "Мали", "Перу" have one form
SHORTEST_STEM = 3
NOT_NAMES = frozenset({"того"})  # Togo, and "of that" at the head of a sentence


def ends_well(stem: str, ending: str, *, capital: bool) -> bool:
    """Whether a word that begins with a stem and goes on like this is the name or an adjective made of it.

    A noun wants its capital letter; an adjective or a word for the people ("казахстанский") has none.
    """
    if len(ending) > LONGEST_ENDING:
        return False
    if capital and _NOUN.fullmatch(ending):
        return True
    if stem.endswith(("с", "ц")) and _ADJECTIVE_AFTER_S.fullmatch(ending):
        return True
    return _ADJECTIVE.fullmatch(ending) is not None


def stems(name: str) -> list[str]:
    """What the forms of a Russian name begin with ("Южная Осетия": "южная осети", "южной осети" ...)."""
    found = dict.fromkeys(_stem(form) for form in _forms(words(name)))
    return [stem for stem in found if len(stem) >= SHORTEST_STEM and stem not in NOT_NAMES]


def _forms(name: str) -> Iterator[str]:
    """The name, and with its first word in other cases where that is an adjective ("Южной Кореи")."""
    yield name
    first, blank, rest = name.partition(" ")
    if blank:
        for ending, others in _FIRST_WORD:
            if first.endswith(ending):
                yield from (f"{first.removesuffix(ending)}{other} {rest}" for other in others)


def _stem(name: str) -> str:
    if name in NOT_NAMES:
        return name
    cut = _DECLINED.sub("", name)
    return cut if len(cut) >= SHORTEST_STEM else name
