"""Heads of state and government: a surname in a headline stands for the country."""

import tomllib
from datetime import date
from importlib import resources

import pytest

from digest.regions import data_files, gazetteer
from digest.regions.tree import region_tree
from tools.gazetteer import people

FREQUENT_SURNAMES = people.surnames()


def countries(title: str) -> set[str]:
    return {tag.country for tag in gazetteer.tagger().tag(title, "")}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Tokayev signs law on water", {"KZ"}),
        ("Встреча с Токаевым перенесена", {"KZ"}),
        ("Зеленскому вручили письмо", {"UA"}),
        ("Переговори з Зеленським тривають", {"UA"}),
        ("Мирзиёевтің сапары басталды", {"UZ"}),
        ("Putin'in ziyareti ertelendi", {"RU"}),
        ("Əliyevin çıxışı yayımlanıb", {"AZ"}),
        ("პუტინს უარი უთხრეს", {"RU"}),
        ("Փաշինյանի ելույթը հետաձգվեց", {"AM"}),
        ("سخنرانی اردوغان لغو شد", {"TR"}),
        ("لقاء بوتين تأجل إلى الغد", {"RU"}),
        ("Poutine refuse une trêve", {"RU"}),
    ],
)
def test_a_leaders_surname_stands_for_the_country_in_any_case(title: str, expected: set[str]) -> None:
    assert countries(title) == expected


@pytest.mark.parametrize(
    "title", ["Pope Pius XI wrote many letters", "Der Papst Innozenz XI. und seine Zeit", "Путина идёт с мая"]
)
def test_what_only_looks_like_a_leader_is_none(title: str) -> None:
    assert not countries(title) & {"CN"}


def test_the_file_says_on_which_day_it_was_true_and_who_made_it() -> None:
    raw = (resources.files("digest.regions") / "data" / "leaders.toml").read_text(encoding="utf-8")
    table = tomllib.loads(raw)
    assert isinstance(table["as_of"], date)
    assert table["as_of"].isoformat() in table["source"]


def test_every_row_has_a_country_an_office_and_words() -> None:
    known = region_tree.load().get("world").countries
    leaders = data_files.leaders()
    assert leaders.keys() <= known
    for rows in leaders.values():
        for name, row in rows.items():
            assert row["office"], name
            assert row["en"], name
            assert all(isinstance(texts, list) for key, texts in row.items() if key != "office"), name


def test_no_frequent_surname_stands_alone() -> None:
    words = [text for rows in data_files.leaders().values() for row in rows.values() for text in row["en"]]
    assert [text for text in words if text.lower() in FREQUENT_SURNAMES] == []


def test_one_surname_means_one_country() -> None:
    country_of: dict[str, str] = {}
    for code, rows in data_files.leaders().items():
        for row in rows.values():
            for text in row["en"]:
                assert country_of.setdefault(text, code) == code, text
