"""Packed bodies, markup and prose at their limits."""

import gzip

import pytest

from digest.sources.pure.entries import DocumentError
from digest.sources.pure.text.encoding_detector import LATIN_SCRIPT, detect_encoding, is_surely_not_latin_1
from digest.sources.pure.text.gzip_stream import is_gzip, iter_unpacked, unpack
from digest.sources.pure.text.language import detect_language
from digest.sources.pure.text.markup import (
    collapse_whitespace,
    html_to_text,
    resolve_web_url,
    sanitize_html,
    strip_fragment,
)
from digest.sources.pure.text.prose import ends_sentence, reading_length


def packed(body: bytes, layers: int) -> bytes:
    for _ in range(layers):
        body = gzip.compress(body)
    return body


def test_three_layers_of_gzip_are_unpacked() -> None:
    assert unpack(b"news", 10) == b"news"
    assert [unpack(packed(b"news", layers), 1000) for layers in (1, 2, 3)] == [b"news"] * 3
    assert is_gzip(unpack(packed(b"news", 4), 1000))
    assert not is_gzip(b"news\x1f\x8b\x08")


def test_a_packed_body_may_have_as_many_bytes_as_allowed() -> None:
    assert unpack(packed(b"x" * 100_000, 1), 100_000) == b"x" * 100_000
    with pytest.raises(DocumentError, match="more than 99,999 bytes"):
        unpack(packed(b"x" * 100_000, 1), 99_999)


def test_a_damaged_file_is_refused_and_one_that_breaks_off_gives_what_it_has() -> None:
    body = packed(bytes(range(256)) * 1000, 1)
    with pytest.raises(DocumentError, match="damaged"):
        unpack(body[:50] + b"\xff" * 50 + body[100:], 10**6)
    assert (bytes(range(256)) * 1000).startswith(unpack(body[:-100], 10**6))
    assert max(map(len, iter_unpacked(packed(b"x" * 10**6, 1)))) <= 64 * 1024


def test_a_character_of_a_dense_script_reads_as_three_letters() -> None:
    assert reading_length("news") == 4
    assert reading_length("新闻ab") == 8
    assert reading_length("é") == 1


@pytest.mark.parametrize(
    ("text", "ends"),
    [("It rains. ", True), ("It rains", False), ("Really?", True), ("下雨了。", True), ("By A. Lee", False)],
)
def test_a_sentence_ends_with_its_mark(text: str, ends: bool) -> None:
    assert ends_sentence(text) is ends


def test_addresses_are_resolved_and_lose_their_fragments() -> None:
    assert strip_fragment("https://q.example/a#b") == "https://q.example/a"
    assert resolve_web_url("a b\n.html", "https://q.example/x/") == "https://q.example/x/a%20b.html"


def test_a_text_has_a_hundred_thousand_characters() -> None:
    assert len(html_to_text("<p>" + "x" * 150_000 + "</p>")) == 100_000
    assert html_to_text("<p>One</p><p>two <b>three</b></p>") == "One two three"
    assert collapse_whitespace(" a \n\t b ") == "a b"


def test_two_hundred_elements_may_be_open_at_once() -> None:
    def nested(depth: int) -> str:
        return sanitize_html("<b>" * depth + "x" + "</b>" * depth)

    assert nested(200) != ""
    assert nested(201) == ""
    assert sanitize_html("<b>x</b>" * 300) != ""
    assert sanitize_html("</b>" * 9 + "<b>" * 200 + "x") != ""
    assert sanitize_html("<br>" * 300 + "<img/>" * 300 + "<p>x</p>") != ""
    assert sanitize_html("<b/>" * 300 + "x") != ""


def test_four_hundred_thousand_characters_of_markup_are_read() -> None:
    assert html_to_text(" " * 399_999 + "ab") == "a"


def test_the_language_of_sixty_characters_is_detected() -> None:
    text = "The ministers of the two countries met in the old harbour town"
    assert detect_language(text[:60]) == "en"
    assert detect_language(text[:59]) == ""
    assert detect_language(text[:59] + "  " * 9) == ""  # white space says nothing


RUNS = b" \xcf\xee\xf0\xf2 \xe2\xee\xe4\xe0 \xef\xe0\xf0\xee "  # three words of Cyrillic in windows-1251


@pytest.mark.parametrize(
    ("body", "is_other"),
    [
        (RUNS, True),
        (RUNS[:11], False),  # two words
        (RUNS[:11] * 2, False),  # the same two again
        (b" \xcf\xcf\xee\xee \xe2\xe2\xe4\xe4 \xef\xef\xf0\xf0 ", False),  # two different letters each
        (b" \xcf\xcf\xee\xf0 \xe2\xe2\xe4\xe0 \xef\xef\xf0\xee ", True),  # three
        (b" \xcf\xee\xf0 \xe2\xee\xe4 \xef\xe0\xf0 ", False),  # too short
        (RUNS + b"caf\xe9 " * 11, True),  # more than half of such letters stand in such words
        (RUNS + b"caf\xe9 " * 12, False),
        (b"words", False),
    ],
)
def test_three_words_of_foreign_letters_are_not_latin_1(body: bytes, is_other: bool) -> None:
    assert is_surely_not_latin_1(body) is is_other


@pytest.mark.parametrize(
    ("language", "body", "is_other"),
    [
        ("pl", b"zaj\xeaty", True),
        ("pl", RUNS, False),
        ("ru", RUNS, True),
        ("ru", b"caf\xe9", False),
        ("sr", RUNS, True),
        ("sr", b"caf\xe9", True),
        ("fr", b"caf\xe9", False),
        ("xx", b"caf\xe9", False),
    ],
)
def test_a_language_without_the_letters_of_latin_1_is_not_in_it(
    language: str, body: bytes, is_other: bool
) -> None:
    assert is_surely_not_latin_1(b"<language>" + language.encode() + b"</language>" + body) is is_other


@pytest.mark.parametrize(
    ("word", "is_latin"),
    [
        (b"a" * 12 + b"\xe9" * 13, True),  # 52 % of its letters
        (b"a" * 12 + b"\xe9" * 14, False),
        (b"a" * 12 + b"\x80" * 14, False),
        (b"a", True),
    ],
)
def test_words_of_mostly_other_letters_are_of_another_script(word: bytes, is_latin: bool) -> None:
    for language in (b"ru", b"fr"):
        found = detect_encoding(b"<language>" + language + b"</language>" + word)
        assert (found in LATIN_SCRIPT) is is_latin


def test_of_the_encodings_that_have_all_bytes_the_likeliest_counts() -> None:
    assert detect_encoding("<language>el</language>Το λιμάνι".encode("cp1253")) == "cp1253"
    assert detect_encoding("<language>uk</language>Порт їх є".encode("koi8-u")) == "koi8-u"
    # windows-1252 lacks 0x9d, which is ť in windows-1250.
    assert detect_encoding("zítra déšť a vítr, déšť".encode("cp1250")) == "cp1250"
    assert detect_encoding(b"<language>th</language>" + b"\xdb\xdc" * 9) == "cp874"  # though it lacks these


def test_bytes_that_are_no_text_have_the_first_encoding_of_their_language() -> None:
    assert detect_encoding(b"<language>zh</language>" + bytes(range(256))) == "gb18030"
    assert detect_encoding(b"<language>el</language>" + bytes(range(256))) == "cp1253"
