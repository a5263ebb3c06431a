"""Which words of a text are highlighted, in scripts with and without blanks between words."""

import pytest

from digest.regions.pure.highlighting import highlight


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Oman and Romania", "Oman"),
        ("日本の首相が訪問した。", "日本"),
        ("한국의 대통령", "한국"),
        ("เยือนญี่ปุ่นวันนี้", "ญี่ปุ่น"),
        ("ຢາມຍີ່ປຸ່ນມື້ນີ້", "ຍີ່ປຸ່ນ"),
        ("ဝန်ကြီးဂျပန်သို့", "ဂျပန်"),
        ("ទស្សនាជប៉ុនថ្ងៃនេះ", "ជប៉ុន"),
    ],
)
def test_a_word_is_highlighted_once_and_the_text_stays_whole(text: str, words: str) -> None:
    spans = highlight(text, {words: "XX"})
    assert "".join(span.text for span in spans) == text
    assert [span.text for span in spans if span.country] == [words]


def test_a_part_of_a_longer_word_is_not_highlighted() -> None:
    assert [span.country for span in highlight("Romania", {"Oman": "OM", "oman": "OM"})] == [""]
