"""Feeds in legacy encodings: 23 languages, each in the charsets in which it was written, short and long.

The texts are our own sentences, and names of months, days, countries and languages in CLDR (by way of Babel; Unicode
License v3).
"""

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from babel import Locale

LATIN_1 = ("cp1252", "iso8859-1", "iso8859-15")
LATIN_2 = ("cp1250", "iso8859-2")
BALTIC = ("cp1257", "iso8859-13")
# Language -> the charsets of its publishers.
CHARSETS = {
    **dict.fromkeys(("pt", "fr", "de", "es", "it", "sv", "fi"), LATIN_1),
    **dict.fromkeys(("pl", "cs", "hu", "hr"), LATIN_2),
    "ro": ("cp1250", "iso8859-2"),
    "tr": ("cp1254", "iso8859-9"),
    **dict.fromkeys(("lt", "lv"), BALTIC),
    "el": ("cp1253", "iso8859-7"),
    "he": ("cp1255", "iso8859-8"),
    "ar": ("cp1256", "iso8859-6"),
    "th": ("cp874",),
    "ru": ("cp1251", "koi8-r", "iso8859-5"),
    "uk": ("cp1251", "koi8-u"),
    "bg": ("cp1251", "iso8859-5"),
    "zh": ("gb18030", "big5"),
    "ja": ("shift_jis", "euc_jp"),
    "ko": ("euc_kr",),
}
SENTENCES = {
    "pt": (
        "Eleições em São Tomé: não há previsão",
        "A câmara do Porto aprovou o orçamento após três sessões",
        "Pescadores da região pedem ligação marítima às ilhas",
    ),
    "fr": (
        "Le café du quai rouvre ses portes à l'été",
        "La préfecture a annoncé hier la fermeture d'une école à Orléans",
        "Les élus régionaux s'inquiètent des dégâts causés par la tempête",
    ),
    "de": (
        "Neue Fähre für die Insel Föhr fährt früher",
        "Die Bürgermeisterin eröffnet am Samstag die Brücke über den Fluss",
        "Gemeinderat prüft höhere Gebühren für Müll und Straßenreinigung",
    ),
    "es": (
        "El puerto de La Coruña abrirá mañana su terminal",
        "La alcaldía aprobó el año pasado la ampliación de la línea",
        "Según los vecinos, la inundación dañó más de cien viviendas",
    ),
    "it": (
        "Il porto di Forlì riapre, però il traffico è più lento",
        "La città avrà una nuova università già da lunedì",
        "Perché i pescatori chiedono più libertà e meno tasse",
    ),
    "sv": (
        "Färjan till Gotland ställs in på grund av stormen",
        "Kommunen bygger en ny förskola för små barn i Växjö",
        "Också invånarna på öarna får snabbare båtar i höst",
    ),
    "fi": (
        "Satamassa avattiin uusi väylä myös pienille laivoille",
        "Hämeenlinnan kaupunki myönsi lisää rahaa kouluille tänään",
        "Sää jäähtyy pohjoisessa ja tiet ovat jäässä",
    ),
    "pl": (
        "Most w Łodzi zostanie zamknięty na dwa miesiące",
        "Mieszkańcy żądają większej liczby pociągów do Gdańska",
        "Rząd ogłosił, że podatki wzrosną w przyszłym roku, wyjaśnił minister",
    ),
    "cs": (
        "Přístav v Děčíně čeká na větší lodě",
        "Starosta řekl, že škola bude otevřena už příští týden",
        "Vláda schválila vyšší příspěvky pro menší města a obce",
    ),
    "hu": (
        "Új komp indul a szigetre jövő héttől",
        "A város vezetése szerint a híd felújítása őszre készül el",
        "Több százan tüntettek a fűtés árának emelése ellen Győrben",
    ),
    "hr": (
        "Luka u Šibeniku otvara novi terminal za putničke brodove",
        "Građani traže češće vlakove između Zagreba i Čakovca",
        "Vlada će sljedeći tjedan odlučiti o porezu na žitarice",
    ),
    "ro": (
        "Primăria din Timişoara a aprobat construcţia unui pod nou",
        "Locuitorii cer mai multe trenuri către Braşov şi Constanţa",
        "Guvernul a anunţat că preţurile vor creşte în această toamnă",
    ),
    "tr": (
        "Çanakkale'de yeni iskele yakında açılıyor",
        "Belediye başkanı işçilerin ücretlerinin artırılacağını söyledi",
        "Fırtına nedeniyle adalara giden gemiler bugün çalışmıyor",
    ),
    "lt": (
        "Klaipėdos uoste pradėtas naujas tiltas į salą",
        "Vyriausybė svarsto, ar didinti mokesčius žvejams",
        "Šią savaitę gyventojai rinksis į posėdį dėl mokyklų uždarymo",
    ),
    "lv": (
        "Rīgas ostā atklāj jaunu piestātni kuģiem",
        "Valdība lēma par augstākām pensijām no nākamā gada",
        "Iedzīvotāji iebilst pret skolu slēgšanu mazajās pilsētās",
    ),
    "el": (
        "Το λιμάνι του Πειραιά ανοίγει νέα αποβάθρα",
        "Η κυβέρνηση ανακοίνωσε χθες μέτρα για τους αγρότες",
        "Οι κάτοικοι των νησιών ζητούν περισσότερα πλοία τον χειμώνα",
    ),
    "he": (
        "נמל חיפה פותח רציף חדש לאוניות נוסעים",
        "הממשלה אישרה אתמול תקציב נוסף לבתי הספר",
        "תושבי הצפון דורשים יותר רכבות בסוף השבוע",
    ),
    "ar": (
        "ميناء طنجة يفتتح رصيفا جديدا للسفن",
        "أعلنت الحكومة أمس زيادة رواتب المعلمين في المدن الصغيرة",
        "سكان الجزيرة يطالبون بمزيد من العبارات خلال الشتاء",
    ),
    "th": (
        "ท่าเรือภูเก็ตเปิดท่าเทียบเรือใหม่",
        "รัฐบาลประกาศขึ้นค่าแรงขั้นต่ำเมื่อวานนี้",
        "ชาวบ้านบนเกาะขอเรือข้ามฟากเพิ่มในฤดูหนาว",
    ),
    "ru": (
        "В порту Актау выросла перевалка зерна",
        "Правительство объявило о повышении пенсий с нового года",
        "Жители острова просят больше паромов зимой",
    ),
    "uk": (
        "У порту Ізмаїл відкрили новий причал",
        "Уряд оголосив про підвищення пенсій із січня",
        "Мешканці острова просять більше поромів узимку, їх підтримує голова",
    ),
    "bg": (
        "Пристанището във Варна отваря нов кей",
        "Правителството обяви вчера по-високи пенсии от януари",
        "Жителите на острова искат повече кораби през зимата",
    ),
    "zh": (
        "港口货运量继续增长",
        "市政府昨天宣布提高教师工资",
        "岛上居民要求冬季增加渡轮班次",
    ),
    "ja": (
        "横浜港で新しい桟橋が開業する",
        "政府は昨日、教員の給与を引き上げると発表した",
        "島の住民は冬の便を増やすよう求めている",
    ),
    "ko": (
        "부산항에 새로운 부두가 문을 열었다",
        "정부는 어제 교사 급여를 인상한다고 발표했다",
        "섬 주민들은 겨울에 더 많은 배를 요구하고 있다",
    ),
}
TRADITIONAL = {"big5": ("港口貨運量繼續增長", "市政府昨天宣布提高教師工資", "島上居民要求冬季增加渡輪班次")}
LOCALES = {"big5": "zh_Hant"}
ROUNDS = 4  # feeds of each language, charset and length


class EncodingSample(NamedTuple):
    """A feed's bytes, without a declared charset, and the text that must be in what they are decoded to."""

    name: str
    language: str
    text: str
    body: bytes


def iter_samples(*, is_reserved: bool) -> Iterator[EncodingSample]:
    """Half of the samples. Detection was developed with the half that is not reserved, and measured with both."""
    for sample in _iter_all_samples():
        if (hashlib.sha256(sample.name.encode()).digest()[0] % 2 == 1) == is_reserved:
            yield sample


def _iter_all_samples() -> Iterator[EncodingSample]:
    for language, charsets in CHARSETS.items():
        for charset in charsets:
            for round_number in range(ROUNDS):
                for is_long in (False, True):
                    text = _text(language, charset, round_number, is_long=is_long)
                    name = f"{language}, {charset}, {'long' if is_long else 'short'}, {round_number}"
                    yield EncodingSample(name, language, text, _feed(language, text).encode(charset))


def _feed(language: str, text: str) -> str:
    items = "".join(f"<item><title>{line}</title></item>" for line in text.split("\n"))
    return f'<rss version="2.0"><channel><title>Quay</title><language>{language}</language>{items}</channel></rss>'


def _text(language: str, charset: str, round_number: int, *, is_long: bool) -> str:
    """A line for a short sample; several sentences and many words of CLDR for a long one."""
    sentences = TRADITIONAL.get(charset, SENTENCES[language])
    words = [word for word in _words(LOCALES.get(charset, language)) if _fits(word, charset)]
    if round_number < len(sentences) and not is_long:
        return sentences[round_number]
    begin = round_number * 37
    chosen = list(islice(words[begin:] + words[:begin], 60 if is_long else 6))
    lines = [", ".join(chosen[start : start + 6]) for start in range(0, len(chosen), 6)]
    return "\n".join([*(sentences if is_long else ()), *lines])


def _words(locale_name: str) -> list[str]:
    locale = Locale.parse(locale_name)
    months = list(locale.months["format"]["wide"].values())
    days = list(locale.days["format"]["wide"].values())
    names = [*locale.territories.values(), *locale.languages.values()]
    return [word for word in (*months, *days, *names) if not word.isascii() and "&" not in word]


def _fits(word: str, charset: str) -> bool:
    try:
        word.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
