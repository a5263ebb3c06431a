"""What publishers' software adds to texts, and bylines and datelines, are no part of an excerpt."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.articles.pure.boilerplate import DATA, is_only_addresses, without_footers
from digest.articles.pure.cleaning import make_excerpt
from digest.articles.pure.credit_lines import without_credit_lines
from digest.regions.pure.tagger import Tagger

LANGUAGES = ("ar", "az", "de", "en", "es", "fa", "fr", "hy", "ka", "kk", "ru", "tr", "uk")
WORDINGS = tomllib.loads(DATA.read_text(encoding="utf-8"))
TITLE, SITE, TEXT = "Жаңа көпір, Bridge of Batumi", "Quay Kai.az", "The port has grown by a third."
FOOTERS = [(language, wording) for language in WORDINGS for wording in WORDINGS[language]["footers"]]
INVITATIONS = [word for language in WORDINGS.values() for word in language["read_more"]]


def with_names(wording: str) -> str:
    footer = wording.replace("{}", TITLE, wording.count("{}") - 1).replace("{}", SITE)
    return footer[0].upper() + footer[1:] + "."


def test_there_are_wordings_in_every_language_of_the_site() -> None:
    assert set(WORDINGS) == set(LANGUAGES)
    for words in WORDINGS.values():
        assert len(words["footers"]) >= 5
        assert min(len(words["read_more"]), len(words["links"])) >= 5


@pytest.mark.parametrize(("language", "wording"), FOOTERS)
def test_a_footer_is_left_out(language: str, wording: str) -> None:
    assert without_footers(f"{TEXT} {with_names(wording)}", TITLE) == TEXT, language


@pytest.mark.parametrize(("language", "wording"), FOOTERS)
def test_a_footer_is_left_out_if_the_headline_is_not_known(language: str, wording: str) -> None:
    assert without_footers(f"{TEXT} {with_names(wording)}") == TEXT, language


@pytest.mark.parametrize("word", INVITATIONS)
@pytest.mark.parametrize("form", ["{} {}…", "{} [{}]", "{} {} →", "{} ({})", "{} … {} »"])
def test_an_invitation_to_read_on_is_left_out(word: str, form: str) -> None:
    assert without_footers(form.format(TEXT, word.capitalize())).rstrip(" …") == TEXT


@pytest.mark.parametrize("language", WORDINGS)
@pytest.mark.parametrize(
    "form", ["{0} | {1} | {2}", "[{0}] [{1}] [{2}]", "{0} · {1} (7)", "{0} (12) / {1} / {2} / {3}"]
)
def test_a_row_of_links_is_left_out(language: str, form: str) -> None:
    row = form.format(*WORDINGS[language]["links"][:4])
    assert without_footers(f"{TEXT} {row}") == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "submitted by /u/ann [link] [comments]",
        "submitted by   /u/ann   to r/harbour   [link]   [comments]",
        "Article URL: https://quay.example/1 Comments URL: https://forum.example/2 Points: 3 # Comments: 1",
        "Read more",
        "[link]",
    ],
)
def test_a_text_that_is_only_a_footer_is_no_text(text: str) -> None:
    assert make_excerpt(text, "") == ""


def test_several_endings_are_left_out() -> None:
    text = f'{TEXT} Continue reading "{TITLE}" → The post {TITLE} appeared first on {SITE}. Share | Tweet | Print'
    assert without_footers(text, TITLE) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "Visitors of the museum want to read more",
        "The post office appeared first on the list of harbours. It was old.",
        "He posted the film on Facebook / Twitter",
        "She asked the editors for more",
        "The first report was by the party [PTI]",
        "The port said it would share",
        "The ministry said that the quote was wrong [sic]",
        "Пассажиры ждали подробнее описанный план",
        "Haber ilk önce Bakü limanında ortaya çıktı denildi",
        "Die Zeitung sagte, der Hafen habe mehr",
    ],
)
def test_sentences_with_the_same_words_stay(text: str) -> None:
    assert without_footers(text, "Ferry runs again") == text


@pytest.mark.parametrize(
    "line",
    [
        "ALMATY, Jan 14 (Reuters) - ",
        "By Ann Lind (Reuters) – ",
        "By Ann Lind and Bo Ek ALMATY, Jan 14 (Reuters) - ",
        "[allAfrica] ",
        "[Premium Times] ",
        "BAKU, Azerbaijan, Jan. 14. Trend: ",
        "TASHKENT, January 14. /TASS/. ",
        "АСТАНА. КАЗИНФОРМ – ",
        "АСТАНА. 14 января. КАЗТАГ - ",
        "YEREVAN, JANUARY 14, ARMENPRESS. ",
        "ALMATY, Jan 14 — ",
        "Von Anna Lind | ",
        "Автор: Анна Линд — ",
        "Par Anne Lind – ",
        "(AP) — ",
        "PARIS (AFP) – ",
        "Tashkent (Reuters) -- ",
        "MADRID, 14 de enero (EFE) - ",
        "АЛМАТЫ, 14 января (Интерфакс) – ",
        "თბილისი, 14 იანვარი (IPN) - ",
        "[allAfrica] ABUJA, Jan 14 (Reuters) - ",
    ],
)
def test_what_says_who_reports_from_where_is_left_out(line: str) -> None:
    assert make_excerpt(line + TEXT, "") == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "The party (PTI) – the largest – won the election.",
        "The Party (PTI) – The largest one has won.",
        "NATO – Secretary General visits the port of Poti.",
        "By 2030 the port – the largest one – will grow by a third.",
        "By Monday – Ann said – the port will have grown.",
        "Port of Aktau (Kazakhstan) - The port has grown by a third.",
        "Report: The port has grown by a third.",
        "Von Kasachstan nach China – so fährt der Zug.",
        "Por fin – el puerto abre.",
        "ALMATY, Jan 14 (Reuters) -",
    ],
)
def test_sentences_that_begin_alike_stay(text: str) -> None:
    assert without_credit_lines(text) == text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("ASTANA – ", TEXT),
        ("NEW YORK -- ", TEXT),
        ("ALMATY— ", TEXT),
        ("АСТАНА – ", "Президент Казахстана подписал закон о портах и новых пристанях."),
        ("КИЇВ — ", "Уряд ухвалив рішення про нові потяги для громадян країни."),
        ("MÜNCHEN - ", "Die Stadt eröffnet am Samstag die neue Brücke über den Fluss."),
        ("İSTANBUL – ", "Belediye yeni köprünün açılışını bugün yaptı."),
    ],
)
def test_a_town_alone_in_capitals_is_left_out(tagger: Tagger, line: str, text: str) -> None:
    assert make_excerpt(line + text, "", place_at_start=tagger.place_at_start) == text


@pytest.mark.parametrize(
    "text",
    [
        "NATO – Secretary General visits the port of Poti.",
        "UPDATE – The port of Aktau has grown by a third.",
        "GEORGIA – The Party has won the election in Poti.",
        "UNITED NATIONS – The council has met in Geneva.",
        "ASTANA – the capital – has grown by a third.",
        "ASTANA AND ALMATY – Both have grown by a third.",
        "WASHINGTON POST – The newspaper has a new owner.",
        "Astana – The capital has grown by a third.",
        "ASTANA –",
    ],
)
def test_capitals_that_are_no_town_stay(tagger: Tagger, text: str) -> None:
    assert make_excerpt(text, "", place_at_start=tagger.place_at_start) == text


@pytest.mark.parametrize(
    "address",
    [
        "https://quay.example/a",
        " http://quay.example/a?b=1 ",
        "www.quay.example/a",
        "https://a.example/ https://b.example/",
    ],
)
def test_an_address_is_no_excerpt(address: str) -> None:
    assert is_only_addresses(address)
    assert make_excerpt(address, f"<p>{TEXT}</p>") == TEXT
    assert make_excerpt(address, "") == ""


@given(st.text(alphabet="ab .!?[]|()«»…→\n", max_size=300), st.text(max_size=20))
def test_what_is_left_is_a_beginning_of_the_text(text: str, title: str) -> None:
    assert text.startswith(without_footers(text, title))


@given(st.text(alphabet="ABab .,-–()[]1:/", max_size=200))
def test_what_is_left_after_a_credit_is_an_end_of_the_text(text: str) -> None:
    assert text.endswith(without_credit_lines(text))
