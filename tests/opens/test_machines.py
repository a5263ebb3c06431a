"""Which requests are programs' and not people's."""

import pytest

from digest.opens.pure.machines import find_scanners, is_machine
from digest.opens.pure.visits import Visit

FIREFOX = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Accept-Language": "de,en;q=0.5",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}
IPHONE = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1",
    "Accept-Language": "en-GB",
}
CUBOT = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 40) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36",
    "Accept-Language": "ru",
}


@pytest.mark.parametrize("headers", [FIREFOX, IPHONE, CUBOT])
def test_browsers_are_people(headers: dict[str, str]) -> None:
    assert not is_machine("GET", headers)


@pytest.mark.parametrize(
    "agent",
    [
        "", "curl/8.5.0", "python-requests/2.32", "Go-http-client/1.1", "Wget/1.24", "Java/17.0.2",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "WhatsApp/2.23.20",
        "TelegramBot (like TwitterBot)", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0",
        "Mozilla/5.0 (Windows NT 10.0) BingPreview/1.0b", "SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    ],
)  # fmt: skip
def test_programs_that_say_what_they_are_are_machines(agent: str) -> None:
    assert is_machine("GET", FIREFOX | {"User-Agent": agent})


@pytest.mark.parametrize(
    "changed",
    [
        {"Accept-Language": ""},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Dest": "image"},
    ],
)
def test_a_browser_that_fetches_ahead_is_no_person(changed: dict[str, str]) -> None:
    assert is_machine("GET", FIREFOX | changed)


def test_who_only_asks_for_the_headers_is_a_machine() -> None:
    assert is_machine("HEAD", FIREFOX)


def visits(*opened: tuple[float, int], visitor: str = "someone") -> list[Visit]:
    """Visits of one visitor: at which second, to which article."""
    return [Visit(round(1000 * at), visitor, article, 1, is_machine=False) for at, article in opened]


def test_all_links_of_a_mail_within_a_second_are_a_scanners() -> None:
    burst = visits(*((n / 10, n) for n in range(8)))
    assert find_scanners(burst) == frozenset(range(8))


def test_the_first_visits_of_a_burst_belong_to_it_and_later_ones_do_not() -> None:
    many = visits((0, 1), (0.5, 2), (1, 3), (1.5, 4), (60, 5))
    assert find_scanners(many) == {0, 1, 2, 3}


def test_a_slow_scanner_is_found_by_the_longer_window() -> None:
    assert find_scanners(visits(*((1.4 * n, n) for n in range(10)))) == frozenset(range(10))
    assert not find_scanners(visits(*((2 * n, n) for n in range(10))))


def test_a_person_may_open_three_stories_at_once_and_one_story_often() -> None:
    assert not find_scanners(visits((0, 1), (0.1, 2), (0.2, 3)))
    assert not find_scanners(visits(*((n / 10, 1) for n in range(30))))


def test_different_visitors_are_no_burst() -> None:
    many = [visits((0, n), visitor=f"reader {n}")[0] for n in range(30)]
    assert not find_scanners(many)
