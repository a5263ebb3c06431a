"""The encoding of a document is detected and its text decoded."""

import pytest

from digest.sources.pure.text.encoding import decode
from tests.sources.encoding_samples import EncodingSample, iter_samples

SAMPLES = {
    "windows-1251": "В порту Актау выросла перевалка зерна, сообщили власти области",
    "koi8-r": "В порту Актау выросла перевалка зерна, сообщили власти области",
    "gb18030": "港口货运量增长，新闻",
    "shift_jis": "港の貨物が増えている、とのニュース",
    "euc-jp": "港の貨物が増えている、とのニュース",
    "euc-kr": "항구의 화물이 늘고 있다",
    "big5": "港口貨運量增長，新聞",
    "windows-1252": "Le café du port est “ouvert”",
}


@pytest.mark.parametrize("encoding", SAMPLES)
def test_a_declared_encoding_is_used(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><t>{SAMPLES[encoding]}</t>'.encode(encoding)
    text, warnings = decode(body)
    assert SAMPLES[encoding] in text
    assert warnings == ()


@pytest.mark.parametrize("encoding", SAMPLES)
def test_the_encoding_is_detected_if_utf8_is_declared_wrongly(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="utf-8"?><t>{SAMPLES[encoding]}</t>'.encode(encoding)
    text, warnings = decode(body)
    assert SAMPLES[encoding] in text
    assert len(warnings) == 1


def test_valid_utf8_wins_over_a_wrong_declaration() -> None:
    assert decode('<?xml version="1.0" encoding="iso-8859-1"?>é—ü'.encode())[0].endswith("é—ü")


def test_the_header_is_used_if_the_document_declares_no_encoding() -> None:
    assert decode("порт".encode("cp1251"), "text/xml; charset=windows-1251")[0] == "порт"


def test_the_document_wins_over_the_default_of_the_server() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?>порт'.encode("cp1251")
    assert decode(body, "text/xml; charset=iso-8859-1")[0].endswith("порт")


def test_a_stray_byte_does_not_turn_a_page_of_utf8_into_nonsense() -> None:
    text, warnings = decode("Актау порт перевалка".encode() + b" caf\xe9")
    assert text == "Актау порт перевалка café"
    assert warnings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_encodings_are_detected_by_their_first_bytes(encoding: str) -> None:
    assert (
        decode('<?xml version="1.0"?><t>порт</t>'.encode(encoding))[0] == '<?xml version="1.0"?><t>порт</t>'
    )


@pytest.mark.parametrize("name", ["rot13", "zip", "utf-7", "unicode_escape", "nonsense", "idna"])
def test_an_invalid_encoding_name_is_ignored(name: str) -> None:
    assert decode(f'<?xml version="1.0" encoding="{name}"?>порт'.encode())[0].endswith("порт")


MIN_SHARE = 0.98


@pytest.mark.parametrize("is_reserved", [False, True], ids=["development", "reserved"])
def test_undeclared_encodings_are_detected_by_the_declared_language(is_reserved: bool) -> None:
    samples = list(iter_samples(is_reserved=is_reserved))
    wrong = [sample.name for sample in samples if not _is_read(sample, sample.body)]
    assert len(samples) >= 200
    assert len(wrong) <= (1 - MIN_SHARE) * len(samples), wrong


def test_undeclared_encodings_are_mostly_detected_without_a_language() -> None:
    samples = [*iter_samples(is_reserved=False), *iter_samples(is_reserved=True)]
    wrong = [sample.name for sample in samples if not _is_read(sample, _without_language(sample))]
    assert len(wrong) <= 0.05 * len(samples), wrong


def _is_read(sample: EncodingSample, body: bytes) -> bool:
    text = decode(body).text
    return all(line in text for line in sample.text.split("\n"))


def _without_language(sample: EncodingSample) -> bytes:
    return sample.body.replace(f"<language>{sample.language}</language>".encode(), b"")


@pytest.mark.parametrize(
    ("language", "encoding", "text"),
    [
        ("pt", "cp1252", "Eleições em São Tomé"),
        ("fr", "cp1252", "L'été à Orléans"),
        ("de", "cp1252", "Fähre fährt früher"),
        ("cs", "cp1250", "Řidiči čekají na žluté světlo"),
        ("tr", "cp1254", "Işıklar söndü, gemiler çalışmıyor"),
        ("lt", "cp1257", "Šį rytą žvejai grįžo į uostą"),
        ("el", "cp1253", "Το λιμάνι ανοίγει"),
        ("he", "cp1255", "נמל חיפה נפתח"),
        ("ar", "cp1256", "افتتاح الميناء"),
        ("th", "cp874", "ท่าเรือเปิด"),
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        "<rss><channel><language>{}</language><title>{}</title></channel></rss>",
        "<rss><channel><dc:language>{}-xx</dc:language><title>{}</title></channel></rss>",
        '<feed xml:lang="{}"><title>{}</title></feed>',
        '<!doctype html><html lang="{}"><h1>{}</h1></html>',
        '{{"language": "{}", "title": "{}"}}',
    ],
)
def test_a_short_title_is_read_in_each_place_of_the_language(
    language: str, encoding: str, text: str, form: str
) -> None:
    assert text in decode(form.format(language, text).encode(encoding)).text


@pytest.mark.parametrize(
    "text", ["São Tomé não vê previsão", "Le café fermé", "Fähre über Föhr", "Mañana más niños"]
)
@pytest.mark.parametrize(
    "language", ["", "<language>ru</language>", "<language>he</language>", "<language>ja</language>"]
)
def test_letters_alone_within_latin_words_are_latin_whatever_is_declared(text: str, language: str) -> None:
    body = f"<rss><channel>{language}<title>{text}</title></channel></rss>".encode("cp1252")
    assert text in decode(body).text


def test_whole_words_of_other_letters_are_not_latin_whatever_is_declared() -> None:
    text = "Жители острова просят больше паромов зимой"
    body = f"<rss><channel><language>en</language><title>{text}</title></channel></rss>".encode("cp1251")
    assert text in decode(body).text


def test_declarations_count_in_the_order_of_the_standards() -> None:
    body = '<?xml version="1.0" encoding="koi8-r"?><t>порт</t>'.encode("cp1251")
    # The header comes before the document.
    assert "порт" in decode(body, "text/xml; charset=windows-1251").text
    wide = b"\xef\xbb\xbf" + "<t>порт</t>".encode()
    # And a byte order mark before the header.
    assert "порт" in decode(wide, "text/xml; charset=windows-1251").text


def test_the_second_declaration_is_used_if_the_first_does_not_fit() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?><t>порт</t>'.encode("cp1251")
    assert "порт" in decode(body, "text/xml; charset=utf-8").text


def test_the_warning_says_that_no_encoding_is_declared() -> None:
    assert decode("<rss><language>pt</language>não há previsão".encode("cp1252")).warnings == (
        "declares no encoding but looks like cp1252",
    )


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [
        ("Letiště v Praze otevře novou halu", "cp1250", "cs"),
        ("Počasí: zítra déšť a vítr", "cp1250", ""),
        ("Rząd przyjął nowy budżet, opozycja żąda zmian", "cp1250", "pl"),
        ("Vlada je sprejela nov proračun, opozicija želi spremembe", "cp1250", "sl"),
        ("Sutra kiša i vjetar, poslije snijeg", "cp1250", "hr"),
        ("В порту Актау выросла перевалка зерна", "cp1251", "ru"),
        ("В порту Актау выросла перевалка зерна", "cp1251", ""),
        ("Το λιμάνι μεγαλώνει κάθε χρόνο", "cp1253", "el"),
        ("Le café du port est ouvert, a déclaré la préfecture", "cp1252", "fr"),
        ("Der Hafen wächst, sagte die Behörde für Häfen", "cp1252", ""),
        ("La ampliación del puerto será mañana", "cp1252", "es"),
    ],
)
def test_the_default_of_a_server_says_nothing_if_the_document_declares_no_encoding(
    text: str, encoding: str, language: str
) -> None:
    element = f"<language>{language}</language>" if language else ""
    body = f"<rss><channel>{element}<title>{text}</title></channel></rss>".encode(encoding)
    assert text in decode(body, "text/xml; charset=ISO-8859-1").text
    assert text in decode(body).text


def _declaring_latin_1(body: bytes) -> bytes:
    return b'<?xml version="1.0" encoding="iso-8859-1"?>' + body


def test_iso_8859_1_does_not_count_where_the_declared_language_has_other_letters() -> None:
    samples = [*iter_samples(is_reserved=False), *iter_samples(is_reserved=True)]
    wrong = [sample.name for sample in samples if not _is_read(sample, _declaring_latin_1(sample.body))]
    assert len(wrong) <= (1 - MIN_SHARE) * len(samples), wrong


@pytest.mark.parametrize(
    "text",
    [
        "L'été à Orléans, à l'école, à Évian",
        "à à à",
        "¡¡¡¡Gol!!!! ¡¡¡¡¡Año nuevo!!!!! ¡¡¡¡¡¡Sí!!!!!!",
        "«Über» – “ßáé” · · · ····· »»»»» «««««",
        "AÇÃO À VISTA: ÁREA DE PROTEÇÃO",
        "ÄÖÜÄ",
    ],
)
def test_iso_8859_1_counts_where_it_may_be_true(text: str) -> None:
    decoded = decode(_declaring_latin_1(text.encode("cp1252")))
    assert decoded.text.endswith(text)
    assert decoded.warnings == ()


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_a_text_of_another_script_is_not_read_as_iso_8859_1(encoding: str) -> None:
    text = "В порту Актау выросла перевалка зерна, сообщили в среду власти области"
    decoded = decode(_declaring_latin_1(text.encode(encoding)))
    assert decoded.text.endswith(text)
    assert len(decoded.warnings) == 1


def test_a_stray_byte_does_not_turn_utf8_into_iso_8859_1() -> None:
    decoded = decode(_declaring_latin_1("Актау порт перевалка".encode() + b" caf\xe9"))
    assert decoded.text.endswith("Актау порт перевалка café")
    assert decoded.warnings == ("1 bytes are not UTF-8",)
