"""The encoding of a document is detected and its text decoded."""

import pytest

from digest.sources.pure.text.encoding import decode

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
