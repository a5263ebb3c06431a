"""Times are shown in the zone of the account, relative if they are fresh, and numbers with separators."""

from datetime import timedelta

from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession

SECURITY = "/admin/security"


def test_an_editor_chooses_a_zone(editor: BrowserSession, world: World) -> None:
    world.article(age=3)
    assert "10 Mar, 09:00 UTC" in editor.get_page("/admin/articles")
    page = editor.follow(editor.post("/admin/security/zone", {"zone": "Asia/Almaty"}, form_page=SECURITY))
    assert "Times are shown in Asia/Almaty now." in page
    assert '<option value="Asia/Almaty" selected>' in page
    page = editor.get_page("/admin/articles")
    assert ">10 Mar, 14:00</time>" in page
    assert 'datetime="2026-03-10T09:00:00Z"' in page
    editor.post("/admin/security/zone", {"zone": ""}, form_page=SECURITY)
    assert "10 Mar, 09:00 UTC" in editor.get_page("/admin/articles")


def test_days_of_filters_are_those_of_the_zone(editor: BrowserSession, world: World) -> None:
    world.article("Seen late on March 9 in UTC", age=17)  # at 19:00 UTC, and on March 10 in Almaty
    of_the_10th = "/admin/articles?since=2026-03-10&until=2026-03-10"
    assert "Seen late" not in editor.get_page(of_the_10th)
    editor.post("/admin/security/zone", {"zone": "Asia/Almaty"}, form_page=SECURITY)
    assert "Seen late" in editor.get_page(of_the_10th)


def test_zones_are_named_by_country_and_city_and_a_former_name_stays_chosen(editor: BrowserSession) -> None:
    assert '<option value="Asia/Tashkent">Uzbekistan: Tashkent (UTC+5)</option>' in editor.get_page(SECURITY)
    editor.post("/admin/security/zone", {"zone": "Asia/Calcutta"}, form_page=SECURITY)
    assert '<option value="Asia/Calcutta" selected>' in editor.get_page(SECURITY)


def test_moments_in_words(editor: BrowserSession, world: World, clock: StoppedClock) -> None:
    world.article(age=5 / 60)
    page = editor.get_page("/admin/articles")
    assert ">5 minutes ago</time>" in page
    assert 'title="10 Mar, 11:55 UTC"' in page
    clock.moment += timedelta(minutes=54)
    assert ">59 minutes ago</time>" in editor.get_page("/admin/articles")
    clock.moment += timedelta(minutes=1)
    assert ">10 Mar, 11:55 UTC</time>" in editor.get_page("/admin/articles")
