"""The small charts of sources and editions say the same as their numbers."""

import re
from datetime import date

from digest.admin.sparklines import SHARES_WIDTH, shares, sparkline
from digest.deliveries.planning.edition_planner import plan_due
from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import BrowserSession

DAYS = [date(2026, 3, day) for day in (8, 9, 10)]


def test_each_day_has_a_bar_that_can_be_seen() -> None:
    chart = sparkline(DAYS, {"2026-03-08": 1000, "2026-03-10": 1, "2026-01-01": 9})
    assert chart.values == (1000, 0, 1)
    assert re.findall(r"M(\d+) 16v-(\d+)", chart.path) == [("0", "16"), ("10", "1")]
    assert sparkline(DAYS, {}).path == ""


def test_shares_fill_the_bar_and_leave_out_what_is_nothing() -> None:
    parts = shares({"accepted": 90, "refused": 0, "planned": 30})
    assert [(part.name, part.x, part.width) for part in parts] == [("accepted", 0, 90), ("planned", 90, 30)]
    assert round(sum(part.width for part in shares({"a": 1, "b": 1, "c": 1})), 1) == SHARES_WIDTH
    assert shares({}) == ()


def test_lists_show_the_charts_with_their_numbers_in_words(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    world.article(age=1)
    world.article(age=25)
    world.article(age=25)
    for path in ("/admin/sources", "/admin/sources/1"):
        label = re.search(r'<svg class="spark"[^>]*aria-label="([^"]*)"', editor.get_page(path))
        assert label
        assert label[1].endswith("0, 2, 1")
    world.subscriber("ann@example.com")

    plan_due(parts.db, parts.planner(), parts.clock())
    page = editor.get_page("/admin/editions")
    assert 'aria-label="pending 1"' in page
    assert '<rect class="share-planned" x="0.0" width="120.0"' in page
