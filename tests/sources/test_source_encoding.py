"""Bytes and what they say they are."""

import pytest

from digest.sources.pure.text.encoding import decode

WORDS = {
    "windows-1251": "В порту Актау выросла перевалка зерна, сообщили власти области",
    "koi8-r": "В порту Актау выросла перевалка зерна, сообщили власти области",
    "gb18030": "港口货运量增长，新闻",
    "shift_jis": "港の貨物が増えている、とのニュース",
    "euc-jp": "港の貨物が増えている、とのニュース",
    "euc-kr": "항구의 화물이 늘고 있다",
    "big5": "港口貨運量增長，新聞",
    "windows-1252": "Le café du port est “ouvert”",
}


@pytest.mark.parametrize("encoding", WORDS)
def test_a_declared_encoding_is_used(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><t>{WORDS[encoding]}</t>'.encode(encoding)
    text, warnings = decode(body)
    assert WORDS[encoding] in text
    assert warnings == ()


@pytest.mark.parametrize("encoding", WORDS)
def test_bytes_that_are_not_the_utf8_they_claim_to_be_are_recognised(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="utf-8"?><t>{WORDS[encoding]}</t>'.encode(encoding)
    text, warnings = decode(body)
    assert WORDS[encoding] in text
    assert len(warnings) == 1


def test_utf8_is_believed_over_a_wrong_declaration() -> None:
    assert decode('<?xml version="1.0" encoding="iso-8859-1"?>é—ü'.encode())[0].endswith("é—ü")


def test_the_header_counts_where_the_document_says_nothing() -> None:
    assert decode("порт".encode("cp1251"), "text/xml; charset=windows-1251")[0] == "порт"


def test_the_document_knows_better_than_the_servers_default() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?>порт'.encode("cp1251")
    assert decode(body, "text/xml; charset=iso-8859-1")[0].endswith("порт")


def test_a_stray_byte_does_not_turn_a_page_of_utf8_into_nonsense() -> None:
    text, warnings = decode("Актау порт перевалка".encode() + b" caf\xe9")
    assert text == "Актау порт перевалка café"
    assert warnings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_encodings_are_told_by_their_first_bytes(encoding: str) -> None:
    assert (
        decode('<?xml version="1.0"?><t>порт</t>'.encode(encoding))[0] == '<?xml version="1.0"?><t>порт</t>'
    )


@pytest.mark.parametrize("name", ["rot13", "zip", "utf-7", "unicode_escape", "nonsense", "idna"])
def test_an_encoding_that_is_none_is_ignored(name: str) -> None:
    assert decode(f'<?xml version="1.0" encoding="{name}"?>порт'.encode())[0].endswith("порт")
