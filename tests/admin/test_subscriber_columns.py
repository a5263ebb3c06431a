"""The columns of the list of subscribers, and the words of the links between its pages."""

import re

from tests.admin.test_subscriber_list import LIST, addresses, people
from tests.builders import World
from tests.web.browser_session import BrowserSession

__all__ = ["people"]  # a fixture


def headings(page: str) -> list[str]:
    return re.findall(r'<th scope="col">([^<]+)</th>', page)


def test_columns_are_chosen_and_stay_with_filters_and_order(manager: BrowserSession, people: World) -> None:
    usual = ["Address", "State", "Regions", "Schedule", "Signed up", "Last digest"]
    assert headings(manager.get_page(LIST)) == usual
    page = manager.get_page(
        f"{LIST}?choose=1&columns=next&columns=language&columns=password&q=north&sort=address"
    )
    assert headings(page) == ["Address", "Language", "Next digest"]
    assert addresses(page) == ["anna@north.example", "cem@north.example"]
    assert '<td data-label="Language">English</td>' in page
    hidden = re.findall(
        r'<input type="hidden" name="(q|sort)" value="([^"]+)">', page.rpartition("<details")[2]
    )
    assert hidden[:2] == [("q", "north"), ("sort", "address")]
    assert headings(manager.get_page(f"{LIST}?state=paused")) == ["Address", "Language", "Next digest"]
    assert headings(manager.get_page(f"{LIST}?choose=1")) == ["Address"]


def test_the_links_between_pages_do_not_speak_of_time_where_the_order_is_another(
    manager: BrowserSession, world: World
) -> None:
    world.many_subscribers(60)
    page = manager.get_page(f"{LIST}?sort=address")
    assert re.findall(r'<a rel="(?:prev|next)" href="[^"]+">([^<]+)</a>', page) == ["Next"]
    page = manager.get_page("/admin/today?page=2")
    assert re.findall(r'<a rel="(?:prev|next)" href="[^"]+">([^<]+)</a>', page) == ["Previous"]
