"""The rules by which languages inflect names of countries and peoples: stems are listed, endings are patterns.

Words are folded first (`text_folding.fold`): small letters, no accents, blanks for apostrophes and hyphens. The rules
therefore see "turkiye de" for "Türkiye'de", and "l ouzbekistan" for "l'Ouzbékistan".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

SHORTEST_STEM = 3  # letters; a cut that leaves fewer is not made


@dataclass(frozen=True, slots=True)
class Grammar:
    """Regular expressions over folded words. A `…_cut` is removed from a word's end before the endings are added."""

    noun_endings: str  # of a name, after `noun_cut`
    people_endings: str  # of a listed word for a people, including adjectives
    noun_cut: str = ""
    # Endings that turn a name into an adjective or a people, after `adjective_cut`; "" for none.
    adjective_endings: str = ""
    adjective_cut: str = ""
    city_endings: str = ""  # further endings of a city: "Moskauer"
    # Of a surname, after `surname_cut`; "" if surnames inflect as names do.
    surname_endings: str = ""
    surname_cut: str = ""
    multiword_endings: str = ""  # of each word of a name with several words
    multiword_cut: str = ""
    cased: bool = True  # a name begins with a capital
    people_cased: bool = False  # a people begins with a capital
    prefixes: tuple[str, ...] = ("",)  # particles that are joined to the next word
    same_letters: Mapping[int, str] | None = None  # letters that this language treats as the same

    def unify_letters(self, folded: str) -> str:
        """A folded text with this language's equal letters unified; as long as before."""
        return folded.translate(self.same_letters) if self.same_letters else folded

    def stem(self, word: str, cut: str) -> str:
        """`word` without the ending that matches `cut`; the whole word if the stem would be too short."""
        stem = re.sub(rf"(?:{cut})$", "", word) if cut else word
        return stem if len(stem) >= SHORTEST_STEM else word


_RU_ADJECTIVE = "(?:ий|ая|ое|ие|ого|ому|им|ом|ой|ую|ою|их|ими|и)"
_RU_CASES = "[аеиоуыюяйь]{0,2}|[оеёя]м|[оеая]в|[аяи]ми?|[ая]х|ами|ями|ией|иям|иях"
_RU_FROM_NAME = (
    rf"(?:[йь]|ий|ан|иан|ин|ен|он|ов|ей|аль|ез|ев|лез)?ь?[сц]к{_RU_ADJECTIVE}"
    "|(?:ан|ий|ин|он|[йь]|иан)?(?:ец|ц[ыаеу]|цев|цам|цами|цах|цем)|(?:ий|ан|иан)?к[аиуе]|(?:ий|ан|иан)кой"
)
_RU_PEOPLE = (
    rf"{_RU_CASES}|{_RU_FROM_NAME}|к{_RU_ADJECTIVE}|(?:ь|ь?н)?[жш]ск{_RU_ADJECTIVE}|(?:ен|к)?{_RU_ADJECTIVE}|узск{_RU_ADJECTIVE}"
    "|(?:ь?тян|ян|ан|ч?ан)(?:[еаыу]|ин(?:[ауеы]|ом)?|ам|ами|ах|ка|ки|кой|ок|ку)?|к(?:ам|ами|ах|ов)|енк[аиуе]|енок|иш[аеиу]|иши|ичан(?:е|ам|ин|ами)?"
)
_RU_SURNAME = "|а|я|у|ю|ы|и|е|о|ой|ей|ою|ею|ом|ем|ём|ым|ий|ый|ь|ая|ую|ого|ому|им|ых|их|ам|ами|ями"
_UK_ADJECTIVE = "ьк(?:ий|а|е|і|ого|ому|им|ій|ої|у|ою|их|ими|о)"
_UK_CASES = "[аеиіоуюяьїєй]{0,2}|[оеє]м|[оеє]ю|ів|їв|[ая]м|[ая]ми|[ая]х|ією|ії|ію|ові|еві"
_UK_FROM_NAME = (
    rf"(?:ій|ан|ян|їн|ін|ен|он|ів|ей|ал|ез|й|іан)?ь?[сцз]{_UK_ADJECTIVE}"
    "|(?:ан|ян|їн|ій|єв|ів|й|ь|іан|ін)?(?:ець|ц(?:і|я|ю|ем|ів|ям|ями|ях)|к(?:а|и|ою|у|ам|ами|ах)|ок)"
)
_UK_SURNAME = "|а|я|у|ю|и|і|ї|е|о|ою|ею|єю|ом|ем|єм|им|ім|ові|еві|єві|ий|ій|й|ь|ого|ому|их|ів|ам|ами|ями"
_UK_PEOPLE = (
    rf"{_UK_CASES}|{_UK_FROM_NAME}|{_UK_ADJECTIVE}|к(?:ий|а|е|і|ого|ому|им|ій|ої|у|ою|их|ими)|еччин[аиіоую]{{1,2}}"
    "|(?:ян|ан)(?:[иіау]|ин(?:[ауи]|ом)?|ам|ами|ах|ка|ки|ок|кою)?|ин(?:[ауи]|ом)?|ж[цк](?:і|я|и|ів)|ж?ець"
)
_KK = (
    "лар|лер|дар|дер|тар|тер|ның|нің|дың|дің|тың|тің|ға|ге|қа|ке|на|не|ны|ні|ды|ді|ты|ті|нда|нде|да|де|та|те|дан|ден|тан|тен"
    "|нан|нен|мен|бен|пен|дағы|дегі|тағы|тегі|ндағы|ндегі|лық|лік|дық|дік|тық|тік|ы|і|сы|сі|ын|ін|н|ша|ше|ға|я|ғы|гі"
)
_TR = (
    "[dt][ae]n?|[dt][ae]ki|n?[iu]n|[ns]?[iu]|y[iu]|y?[ae]|l[ae]r"
    "|l[iu]|l[iu]k|c[ae]|y?l[ae]|s[iu]z|n[ae]|n[dt][ae]n?|n[iu]"
)
_AZ = (
    "[dt][aə]n?|[dt][aə]ki|n?[iu]n|[ns]?[iu]|y[iu]|y?[aə]|l[aə]r|l[iu]"
    "|l[iu]q|c[aə]|y?l[aə]|s[iu]z|n[aə]|n[dt][aə]n?|n[iu]|dir|dur"
)
_KA_CASES = (
    "(?:ებ)?[აეიოუ]?(?:ს|მა|მ|ში|ზე|თან|ით|თი|იდან|დან|ად|დ|ისთვის"
    "|სთვის|ის|სა|თვის|კენ|ამდე|მდე|სთან|ისა|ისგან|სგან)?(?:ც|ვე)?"
)
_KA_PEOPLE = f"(?:ვ?ელ|ვ?ულ|ურ|იელ|იულ|იურ|ალ|არ|ეთ)?{_KA_CASES}"
_HY_CASES = (
    "(?:ներ|եր)?(?:ի|ին|ից|իս|ով|ում|ու|ուն|ո|յի|յին|յից|յով|յում|յան|ա"
    "|այի|այում|այից|այով|այի|ցի|ոց|ս)?(?:ն|ը|ս|նն)?(?:\u0587|ու)?"
)
_HY_PEOPLE = f"(?:ա|ե|ի|յա|իա|եա)?(?:կան|ացի|ցի|ական|ուհի|երեն|ստան|ստանի)?{_HY_CASES}"
_AR_NISBA = "ي|ية|يي|يين|يون|يان|يتان|يات|يا|يه"
_DE_PEOPLE = (
    "isch(?:e[nmrs]?|s)?|e[nrs]?|n|er(?:s|n|in(?:nen)?)?|in(?:nen)?|ier(?:s|n|in(?:nen)?)?|ien[s]?"
    "|(?:ais|oes|os)isch(?:e[nmrs]?)?|ner(?:n|in(?:nen)?)?"
)
_DE_FROM_NAME = r"(?:n|an|ian|ien|es|en)?(?:isch(?:e[nmrs]?|s)?|er(?:s|n|in(?:nen)?)?)"
_ARABIC_CONJUNCTIONS = ("", "و", "ف")
_ARABIC_PREFIXES = (
    *(
        f"{conjunction}{preposition}{article}"
        for conjunction in _ARABIC_CONJUNCTIONS
        for preposition in ("", "ب", "ل", "ك")
        for article in ("", "ال")
    ),
    *(f"{conjunction}لل" for conjunction in _ARABIC_CONJUNCTIONS),
)
# Keyboards mix up ی and ي, ک and ك. Folding has already turned ئ into ي.
_ONE_YEH = {ord("ی"): "ي", ord("ک"): "ك"}
_ONE_I = {ord("ı"): "i"}  # writers mix up the capitals of both: IRAK, Irak

GRAMMARS: Mapping[str, Grammar] = {
    "ru": Grammar(
        noun_endings=_RU_CASES,
        noun_cut="(?<=[^аеиоуыюя])[аыья]|(?<=[иаео])[яй]",
        adjective_endings=_RU_FROM_NAME,
        adjective_cut="(?:ия|ея|[аыьяией])",
        people_endings=_RU_PEOPLE,
        city_endings=_RU_FROM_NAME,
        surname_endings=_RU_SURNAME,
        surname_cut="(?:ий|ый|ая|[аяьйо])",
        multiword_endings="[а-я]{0,4}",
        multiword_cut="(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|[аяыи]|ь)",
    ),
    "uk": Grammar(
        noun_endings=_UK_CASES,
        noun_cut="(?<=[^аеиіоуюя])[аьяи]|(?<=[іаеоу])[яйї]",
        adjective_endings=_UK_FROM_NAME,
        adjective_cut="(?:ія|ея|[аиьяії])",
        people_endings=_UK_PEOPLE,
        surname_endings=_UK_SURNAME,
        surname_cut="(?:ий|ій|а|я|ь|й|о)",
        city_endings=rf"{_UK_FROM_NAME}|щин[аиіуою]{{1,2}}",
        multiword_endings="[а-яіїєґ]{0,4}",
        multiword_cut="(?:ий|ій|[аяеиіь])",
    ),
    "kk": Grammar(
        noun_endings=f"(?:{_KK}){{0,4}}",
        people_endings=f"(?:{_KK}){{0,4}}",
        multiword_endings=f"(?:{_KK}){{0,4}}",
    ),
    "tr": Grammar(
        noun_endings=f"(?:{_TR}){{0,3}}",
        people_endings=f"(?:{_TR}){{0,3}}",
        multiword_endings=f"(?:{_TR}){{0,2}}",
        people_cased=True,
        same_letters=_ONE_I,
    ),
    "az": Grammar(
        noun_endings=f"(?:{_AZ}){{0,3}}",
        people_endings=f"(?:{_AZ}){{0,3}}",
        multiword_endings=f"(?:{_AZ}){{0,2}}",
        same_letters=_ONE_I,
    ),
    "ka": Grammar(
        noun_endings=_KA_CASES,
        noun_cut="[იაეო]",
        adjective_endings=f"(?:ვ?ელ|ვ?ულ|ურ){_KA_CASES}",
        adjective_cut="(?:ეთი|ია|[იაეო])",
        people_endings=_KA_PEOPLE,
        city_endings=f"(?:ელ|ურ|ულ){_KA_CASES}",
        multiword_endings=_KA_CASES,
        multiword_cut="[იაეო]",
        cased=False,
    ),
    "hy": Grammar(
        noun_endings=_HY_CASES,
        noun_cut="ա",
        adjective_endings=f"(?:ա|յա|ի|իա)?(?:կան|ցի|ացի|ական){_HY_CASES}",
        adjective_cut="(?:իա|ա)",
        people_endings=_HY_PEOPLE,
        city_endings=f"(?:ա)?(?:ցի|կան){_HY_CASES}",
        multiword_endings=_HY_CASES,
        multiword_cut="ա",
    ),
    "fa": Grammar(
        noun_endings="",
        adjective_endings="ي|يي|يها|يان|اي|ه",
        adjective_cut="(?:ه)",
        people_endings="(?:ي|يي)?(?:ها|ان|هاي|هايي|اني|يان)?",
        city_endings="ي|يها",
        cased=False,
        same_letters=_ONE_YEH,
    ),
    "ar": Grammar(
        noun_endings="",
        adjective_endings=_AR_NISBA,
        adjective_cut="(?:يا|ا|ة|ه)",
        people_endings=f"{_AR_NISBA}|",
        cased=False,
        prefixes=_ARABIC_PREFIXES,
        same_letters=_ONE_YEH,
    ),
    "fr": Grammar(noun_endings="", people_endings="(?:s|e|es|ne|nes)?"),
    "es": Grammar(noun_endings="", people_endings="(?:o|a|os|as|es|e|i|ies|is|ita|itas|ian[oa]s?)?"),
    "de": Grammar(
        noun_endings="s?",
        adjective_endings=_DE_FROM_NAME,
        adjective_cut="(?:ien|ia|a|o|e|i)",
        people_endings=_DE_PEOPLE,
        city_endings="(?:er(?:n|in|innen)?)",
        multiword_endings="[a-z]{0,2}",
    ),
}  # fmt: skip
