"""The pages with the tree of regions, the largest of the newsroom, have at most 100 KB before compression."""

import pytest

from tests.builders import World
from tests.web.browser_session import BrowserSession

MOST = 100_000  # octets
PAGES = ("/admin/subscribers/new", "/admin/subscribers/1/choices", "/admin/compose", "/admin/regions/new")


@pytest.mark.parametrize("path", [*PAGES, "/admin/preview?regions=kz"])
def test_pages_with_the_tree_of_regions_are_small(manager: BrowserSession, world: World, path: str) -> None:
    world.subscriber(regions=["central-asia", "fr"])
    page = manager.get_page(path)
    assert 'value="central-asia"' in page
    assert len(page.encode()) < MOST
