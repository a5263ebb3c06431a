"""Header fields: programs read back what was put in, and lines and encoded words are short."""

import email.policy
import re
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.mail.pure.header_fields import Labelled, encode_header

ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")
LONG_NAME = "Ежедневное обозрение печати Южного Урала, Западной Сибири и Прикаспийской низменности"
# What headlines have: joined emoji, flags of regions and of countries, variation selectors, an emoji that is younger
# than Python 3.11's tables, and words that are spelled with joiners.
SEQUENCES = (
    "👨‍👩‍👧 Families", "🏴󠁧󠁢󠁷󠁬󠁳󠁿 Wales", "🇰🇿 Kazakhstan", "❤️ Heart", "1️⃣ First", "🏳️‍🌈 Pride", "🫩 Tired",
    "👍🏽 Agreed", "می‌خواهم", "ක්‍රීඩා", "U+F8FF \uf8ff",
)  # fmt: skip
names = st.one_of(
    st.sampled_from(SEQUENCES),
    st.sampled_from(["", "Day, Inc.", 'Say "hi', "Foo@Bar", "Day; Night", "a\\b", "=?utf-8?q?x?=", LONG_NAME]),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=120),
)  # fmt: skip


def parsed(message: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(message + b"\r\n")


@given(
    st.text(max_size=200), st.sampled_from(["Subject", "From", "To", "List-Id"]), st.booleans()
)  # fmt: skip
@settings(max_examples=80)
@example("Grain\r\nBcc: everybody@example.com", "Subject", False)
@example("Grain\nX-Evil: 1\n\n<script>", "From", True)
@example("a\u2028b\u0085c\x0bd\x0ce", "Subject", False)
def test_no_header_value_can_bring_another_header(value: str, name: str, labelled: bool) -> None:
    field = encode_header(name, Labelled(value, "news@example.org") if labelled else value)
    message = parsed(field + b"\r\nbody")
    assert message.keys() == [name]
    assert message.get_payload() == "body\r\n"


@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cn")), max_size=150)
)
@settings(max_examples=60)
@example("Ещё один длинный заголовок о том, что произошло вчера в Ташкенте и его окрестностях вечером")
@example("یک می‌شود in Persian")
@example("=?utf-8?q?not_an_encoded_word?=")
@example("a  headline   with    gaps")
@example("w" * 280)
def test_a_subject_is_read_back_as_it_was(subject: str) -> None:
    message = parsed(encode_header("Subject", subject))
    assert "".join(str(message["Subject"]).split()) == "".join(subject.split())
    assert not message["Subject"].defects


@pytest.mark.parametrize("text", SEQUENCES)
def test_sequences_of_emoji_and_joined_letters_stay_whole(text: str) -> None:
    assert str(parsed(encode_header("Subject", text))["Subject"]) == text


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029])
def test_control_characters_become_spaces(code: int) -> None:
    assert str(parsed(encode_header("Subject", f"grain{chr(code)}tea"))["Subject"]) == "grain tea"


@pytest.mark.parametrize("code", [0x202E, 0x2066, 0xD800, 0xFEFF, 0xFFFE, 0x1FFFF])
def test_what_reverses_text_or_is_no_text_is_removed(code: int) -> None:
    assert str(parsed(encode_header("Subject", f"grain{chr(code)}tea"))["Subject"]) == "graintea"


@given(st.text(max_size=300))
@settings(max_examples=60)
def test_header_lines_are_ascii_and_none_is_blank(value: str) -> None:
    lines = encode_header("Subject", value).split(b"\r\n")[:-1]
    assert all(line.isascii() and line.strip() for line in lines)


def test_long_headers_of_words_are_folded_within_78_characters() -> None:
    folded = encode_header("Subject", "grain and tea " * 20)
    assert all(len(line) <= 78 for line in folded.split(b"\r\n"))


@given(names, st.sampled_from(["From", "List-Id", "Subject"]))
@settings(max_examples=120)
@example(LONG_NAME, "From")
@example(LONG_NAME, "List-Id")
@example("W" * 200, "From")
@example("тест =?utf-8?q?x?= " * 8, "Subject")
def test_encoded_words_have_at_most_75_octets_and_lines_with_them_76(text: str, name: str) -> None:
    field = encode_header(name, text if name == "Subject" else Labelled(text, "news@example.org"))
    assert all(len(word) <= 75 for word in ENCODED_WORD.findall(field))
    assert all(len(line) <= 76 for line in field.split(b"\r\n") if b"=?" in line)
    assert all(len(line) <= 78 for line in field.split(b"\r\n"))


@given(names)
@settings(max_examples=120)
def test_a_name_is_read_back_beside_its_address_whatever_it_is_made_of(name: str) -> None:
    addresses = parsed(encode_header("From", Labelled(name, "news@example.org")))["From"].addresses
    assert [address.addr_spec for address in addresses] == ["news@example.org"]
    kept = re.sub("[\ufdd0-\ufdef\ufeff\ufff9-\uffff\u202a-\u202e\u2066-\u2069]", "", name)
    kept = "".join(char for char in kept if ord(char) & 0xFFFE != 0xFFFE)
    # Python's parser of addresses shows a line break between encoded words as a space.
    assert "".join(addresses[0].display_name.split()) == "".join(kept.split())


def test_encoded_words_end_at_spaces() -> None:
    addresses = parsed(encode_header("From", Labelled(LONG_NAME, "news@example.org")))["From"].addresses
    assert addresses[0].display_name.split() == LONG_NAME.split()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Dateline", b"From: Dateline <news@example.org>\r\n"),
        ("Day, Inc.", b'From: "Day, Inc." <news@example.org>\r\n'),
        ('Say "hi', b'From: "Say \\"hi" <news@example.org>\r\n'),
        ("", b"From: <news@example.org>\r\n"),
    ],
)
def test_a_name_has_quotes_only_where_its_characters_need_them(name: str, written: bytes) -> None:
    assert encode_header("From", Labelled(name, "news@example.org")) == written


@pytest.mark.parametrize("label", ["жук " * 60, "ж" * 300, "w" * 300, LONG_NAME * 2])
def test_a_name_that_is_too_long_for_a_list_id_loses_its_last_words(label: str) -> None:
    field = encode_header("List-Id", Labelled(label, "digest.example.org"))
    assert len(field) <= len("List-Id: \r\n") + 255
    assert field.endswith(b"<digest.example.org>\r\n")
    kept = " ".join(str(parsed(field)["List-Id"]).split()[:-1])
    assert label.startswith(kept)
    assert bool(kept) == (" " in label)


def test_a_value_of_words_is_folded_beyond_78_characters_and_one_of_one_word_is_not() -> None:
    fits = "w" * 30 + " " + "w" * (78 - len("X-Name: ") - 31)
    assert encode_header("X-Name", fits) == f"X-Name: {fits}\r\n".encode()
    assert encode_header("X-Name", fits + "w").count(b"\r\n ") == 1
    word = "https://example.org/" + "a" * 100
    assert encode_header("X-Name", word) == f"X-Name: {word}\r\n".encode()


def test_a_subject_of_one_long_word_is_encoded_and_one_of_60_characters_is_not() -> None:
    assert encode_header("Subject", "w" * 60) == b"Subject: " + b"w" * 60 + b"\r\n"
    words = "w" * 60 + " " + "w" * 30
    assert b"=?" not in encode_header("Subject", words)
    assert b"=?" in encode_header("Subject", "w" * 61 + " " + "w" * 30)
    assert b"=?" in encode_header("Subject", "w" * 100)


def test_a_list_id_has_as_many_words_as_255_octets_have_room_for() -> None:
    label = "ж " + "x " * 130
    fields = [
        encode_header("List-Id", Labelled(label, f"{'d' * count}.example.org")) for count in range(1, 40)
    ]
    assert max(len(field) - len("List-Id: \r\n") for field in fields) == 255


def test_an_address_stands_on_the_line_of_its_name_while_there_is_room() -> None:
    fields = [encode_header("From", Labelled("жук", f"{'a' * count}@example.org")) for count in range(1, 60)]
    lines = [field.removesuffix(b"\r\n").split(b"\r\n") for field in fields]
    assert max(len(parts[0]) for parts in lines if len(parts) == 1) == 75
    assert {len(parts) for parts in lines} == {1, 2}


def test_encoded_words_fill_their_lines() -> None:
    fields = [encode_header("Subject", f"ж {'x' * count}{' y' * 60}") for count in range(1, 9)]
    lines = [field.split(b"\r\n") for field in fields]
    assert max(len(parts[0]) for parts in lines) == 75
