"""Names in the order of the dictionaries of their language."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.i18n.catalogs import PAGE_LANGUAGES
from digest.i18n.collation import sort_key

ORDERS = {
    "en": ["Åland", "Albania", "Costa Rica", "Côte d’Ivoire", "Croatia", "Zambia"],
    "de": ["Afghanistan", "Ägypten", "Algerien", "Oman", "Österreich", "Panama"],
    "es": ["Níger", "Noruega", "Nueva Zelanda", "Ñuble", "Omán"],
    "fr": ["Égypte", "Équateur", "Espagne", "Îles Cook", "Irak"],
    "ru": ["Единство", "Ёлкино", "Ельня", "Ирак", "Йемен"],
    "uk": ["Греція", "Ґанок", "Естонія", "Ємен", "Зімбабве", "Іспанія", "Їжаківка", "Йорданія", "Японія"],
    "kk": ["Австрия", "Әзербайжан", "Бельгия", "Катар", "Қазақстан", "Украина", "Үндістан", "Ірландия"],
    "az": ["Cibuti", "Çin", "Estoniya", "Əfqanıstan", "Haiti", "Xorvatiya", "İran", "Keniya", "Qətər", "Laos"],
    "tr": ["Cezayir", "Çin", "Irak", "İran", "Sudan", "Şili", "Uganda", "Ürdün"],
    "fa": ["آلبانی", "ارمنستان", "بلژیک", "پاکستان", "چین", "ژاپن", "کویت", "گرجستان", "ویتنام", "هند", "یونان"],
    "ar": ["إثيوبيا", "أرمينيا", "إيران", "باكستان", "هولندا", "يمن"],
    "hy": ["Ադրբեջան", "Բելգիա", "Եգիպտոս", "Իրան", "Ֆինլանդիա"],
    "ka": ["ავსტრია", "ბელგია", "ირანი", "უკრაინა", "ჰაიტი"],
}  # fmt: skip


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_names_are_in_the_order_of_the_language(language: str) -> None:
    backwards = list(reversed(ORDERS[language]))
    assert sorted(backwards, key=lambda name: sort_key(name, language)) == ORDERS[language]


def test_an_arabic_keyboard_does_not_move_a_persian_name() -> None:
    assert sort_key("كويت", "fa")[0] == sort_key("کویت", "fa")[0]


@given(st.text(), st.text(), st.sampled_from(PAGE_LANGUAGES))
@example("I", "ı", "tr")
def test_different_names_have_different_keys(one: str, other: str, language: str) -> None:
    assert (sort_key(one, language) == sort_key(other, language)) == (one == other)
