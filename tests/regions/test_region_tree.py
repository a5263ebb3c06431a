"""The region tree: which regions contain which, and how a region is found by its names."""

import pytest

from digest.errors import NotFoundError
from digest.regions.tree import region_tree
from digest.regions.tree.region_tree import Region

TREE = region_tree.load()
M49 = ("world", "continent", "subregion", "country")


def slugs(regions: object) -> list[str]:
    assert isinstance(regions, tuple)
    return [region.slug for region in regions]


def test_kazakhstan_is_in_central_asia_in_asia_in_the_world() -> None:
    path = []
    region: Region | None = TREE.get("kz")
    while region is not None:
        path.append((region.slug, region.kind))
        region = TREE.get(region.parent) if region.parent else None
    assert path == [
        ("kz", "country"),
        ("central-asia", "subregion"),
        ("asia", "continent"),
        ("world", "world"),
    ]


def test_a_region_contains_the_countries_of_its_m49_children() -> None:
    for region in TREE.all():
        children = [child for child in TREE.children(region.slug) if child.kind in M49]
        if children:
            assert TREE.countries_of(child.slug for child in children) == region.countries, region.slug


def test_every_country_is_once_in_the_tree_and_contains_itself() -> None:
    countries = [region for region in TREE.all() if region.kind == "country"]
    assert len({region.slug for region in countries}) == len(countries)
    assert all(region.countries == {region.slug.upper()} for region in countries)
    assert {region.slug for region in countries} == {code.lower() for code in TREE.get("world").countries}


def test_parents_come_before_their_children() -> None:
    seen: set[str] = set()
    for region in TREE.all():
        assert region.parent is None or region.parent in seen
        seen.add(region.slug)


@pytest.mark.parametrize("slug", ["xk", "tw", "ps", "hk", "mo"])
def test_places_with_a_disputed_or_special_status_can_be_chosen(slug: str) -> None:
    assert TREE.get(slug).kind == "country"


@pytest.mark.parametrize(
    ("group", "parent", "members", "size"),
    [
        ("south-caucasus", "asia", {"AM", "AZ", "GE"}, 3),
        ("balkans", "europe", {"AL", "RS", "XK"}, 11),
        ("baltics", "europe", {"EE", "LT", "LV"}, 3),
        ("nordics", "europe", {"FI", "IS"}, 8),
        ("gulf", "asia", {"QA", "SA"}, 6),
        ("levant", "asia", {"LB", "SY"}, 5),
        ("maghreb", "africa", {"DZ", "MA"}, 6),
        ("sahel", "africa", {"ML", "NE"}, 10),
        ("horn-of-africa", "africa", {"ET", "SO"}, 4),
        ("eu", "europe", {"CY", "HR"}, 27),
        ("cis", "world", {"KZ", "RU"}, 10),
        ("csto", "world", {"AM", "TJ"}, 6),
        ("asean", "asia", {"TL", "VN"}, 11),
        ("nato", "world", {"FI", "SE", "US"}, 32),
        ("g7", "world", {"JP", "US"}, 7),
        ("brics", "world", {"BR", "ID"}, 10),
        ("eaeu", "world", {"AM", "KG"}, 5),
        ("sco", "world", {"BY", "IR"}, 10),
        ("g20", "world", {"AR", "SA"}, 19),
        ("opec", "world", {"GA", "VE"}, 12),
        ("arab-league", "world", {"KM", "SO"}, 22),
        ("commonwealth", "world", {"GA", "TG"}, 56),
        ("oecd", "world", {"CO", "CR"}, 38),
        ("eurozone", "europe", {"BG", "HR"}, 21),
        ("western-balkans", "europe", {"AL", "XK"}, 6),
        ("african-union", "africa", {"EH", "MA"}, 55),
        ("ecowas", "africa", {"NG", "TG"}, 12),
        ("mercosur", "americas", {"BO", "BR"}, 5),
        ("caricom", "americas", {"HT", "SR"}, 15),
        ("pacific-islands-forum", "oceania", {"NR", "PF"}, 18),
    ],
)
def test_named_groups_contain_their_members(group: str, parent: str, members: set[str], size: int) -> None:
    region = TREE.get(group)
    assert (region.kind, region.parent, len(region.countries)) == ("group", parent, size)
    assert members <= region.countries <= TREE.get("world").countries
    assert TREE.children(group) == ()


def test_preferences_expand_to_the_countries_of_all_their_regions() -> None:
    assert TREE.countries_of(["central-asia", "ge"]) == {"KZ", "KG", "TJ", "TM", "UZ", "GE"}
    assert TREE.countries_of([]) == frozenset()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("GE", "ge"),
        ("ge", "ge"),
        (" Kazakhstan ", "kz"),
        ("Central Asia", "central-asia"),
        ("central-asia", "central-asia"),
        ("Iran", "ir"),
        ("Côte d'Ivoire", "ci"),
        ("Cote d’Ivoire", "ci"),
        ("Ivory Coast", "ci"),
        ("Burma", "mm"),
        ("Türkiye", "tr"),
        ("TURKEY", "tr"),
        ("Holland", "nl"),
        ("Средняя Азия", "central-asia"),
        ("Казахстан", "kz"),
        ("Deutschland", "de"),
        ("日本", "jp"),
        ("مصر", "eg"),
        ("DR Congo", "cd"),
        ("European Union", "eu"),
        ("Scandinavia", "nordics"),
        ("Micronesia", "fm"),
    ],
)
def test_a_region_is_found_by_slug_code_and_name_in_any_language(text: str, slug: str) -> None:
    assert TREE.resolve(text).slug == slug


def test_every_region_is_found_by_its_own_english_name() -> None:
    for region in TREE.all():
        assert TREE.resolve(TREE.name(region.slug)) == region


def test_the_error_for_an_unknown_region_suggests_similar_ones() -> None:
    with pytest.raises(NotFoundError, match=r"'central-azia' is not known; did you mean central-asia"):
        TREE.get("central-azia")
    with pytest.raises(NotFoundError, match=r"'Kazakhstann' is not known; did you mean kz"):
        TREE.resolve("Kazakhstann")
    with pytest.raises(NotFoundError, match="examples: kz, Kazakhstan, central-asia"):
        TREE.resolve("§§")


@pytest.mark.parametrize(
    ("slug", "language", "name"),
    [
        ("ir", "en", "Iran"),
        ("cz", "en", "Czechia"),
        ("hk", "en", "Hong Kong"),
        ("mm", "en", "Myanmar"),
        ("cd", "en", "DR Congo"),
        ("kz", "ru", "Казахстан"),
        ("world", "ru", "Весь мир"),
        ("south-caucasus", "ru", "Южный Кавказ"),
        ("south-caucasus", "ka", "სამხრეთ კავკასია"),
        ("visegrad", "ka", "ვიშეგრადის ჯგუფი"),
        ("visegrad", "pt_BR", "Visegrád Group"),
        ("de", "pt_BR", "Alemanha"),
        ("de", "xx", "Germany"),
    ],
)
def test_names_are_translated_and_fall_back_to_english(slug: str, language: str, name: str) -> None:
    assert TREE.name(slug, language) == name


def test_a_search_puts_names_that_begin_with_the_query_first() -> None:
    assert slugs(TREE.search("ira"))[:2] == ["ir", "iq"]
    assert slugs(TREE.search("guinea"))[0] == "gn"
    assert {"gn", "gw", "gq", "pg"} <= set(slugs(TREE.search("guinea")))


@pytest.mark.parametrize(
    ("query", "language", "slug"),
    [
        ("cote", "en", "ci"),
        ("КАЗАХ", "ru", "kz"),
        ("dutch", "en", "nl"),
        ("tbilisi", "en", "ge"),
        ("burma", "ru", "mm"),
    ],
)
def test_a_search_handles_accents_languages_demonyms_and_capitals(
    query: str, language: str, slug: str
) -> None:
    assert slugs(TREE.search(query, language))[0] == slug


def test_a_search_for_nothing_finds_nothing() -> None:
    assert TREE.search("") == TREE.search("  ¡!") == ()


def test_the_groups_of_a_region_are_those_of_which_it_has_more_than_half() -> None:
    tree = region_tree.load()
    assert {"eu", "nato", "benelux", "europe"} <= tree.groups_mostly_within("europe")
    assert "cis" not in tree.groups_mostly_within("europe")
    assert {"cis", "asean", "gulf", "central-asia"} <= tree.groups_mostly_within("asia")
    assert tree.groups_mostly_within("kz") == frozenset()
    everything = {region.slug for region in tree.all() if region.kind != "country"}
    assert tree.groups_mostly_within("world") == everything
