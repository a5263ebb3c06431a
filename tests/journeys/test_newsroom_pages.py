"""In a browser: the newsroom's pages with data, wide and narrow, light and dark.

None is wider than the screen, and each has a name for every control, one heading of the first level and no id twice.

AXE_CORE=/path/to/axe.min.js adds all rules of axe-core, which is no part of the project: its violations fail too.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from digest.deliveries.planning import edition_planner, manual_editions
from digest.deliveries.previews import comparison
from digest.deliveries.pure.audience import Audience
from digest.opens import store as opens
from digest.opens.states import Subject
from digest.opens.store import CountKey, Opens
from digest.settings import Settings
from digest.subscribers import notes
from tests.feedback.conftest import FeedbackScenario, bounce, complaint, scenario  # noqa: F401
from tests.journeys.live_newsroom import on_free_port, serve, signed_in

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.xdist_group("journey")]
LONG_ADDRESS = f"{'a.very.long.name.of.a.reader.' * 2}who.reads@{'mail.' * 8}example.org"
LONG_WORD = "Verwaltungsgerichtshofentscheidungsveröffentlichung" * 3
DRAFT = 4
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SCREENS = [(width, scheme) for width in (1280, 360) for scheme in SCHEMES]
PAGES = (
    "", "figures", "figures?days=90", "coverage", "coverage?region=asia", "today", "articles", "articles/1",
    "stories/1", "sources", "sources/1", "sources/packs", "regions", "regions/gulf", "regions/new", "editions",
    "editions?kind=manual&sort=refused", "editions/1", "editions/4", "editions/4/changes", "editions/4/reader",
    "editions/4/reader?reader=1", "editions/4/reader?address=example", "editions/4/cancel", "digests/1", "compose",
    "preview?regions=kz", "preview?reader=1", "subscribers", "subscribers?notes=1", "subscribers/1",
    "subscribers/1/notes/1", "subscribers/1/choices", "subscribers/1/address", "subscribers/1/erase",
    "subscribers/1/unsubscribe", "subscribers/new", "imports", "feedback", "suppressions", "accounts", "tokens",
    "webhooks", "webhooks/1", "look", "setting-up", "audit", "opens", "notes", "keys", "security",
)  # fmt: skip
FAULTS = """() => {
  const found = [], name = e => e.outerHTML.slice(0, 120)
  const seen = e => e.checkVisibility ? e.checkVisibility({checkVisibilityCSS: true}) : true
  if (document.documentElement.scrollWidth > window.innerWidth) {
    const isWide = e => e.getBoundingClientRect().right > window.innerWidth + 1
    found.push("wider than the screen: " + [...document.querySelectorAll("main *")].filter(isWide).slice(-1).map(name))
  }
  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(seen).map(e => +e.localName[1])
  if (levels.filter(level => level === 1).length !== 1) found.push("h1: " + levels)
  if (levels.some((level, i) => i && level > levels[i - 1] + 1)) found.push("a level of headings is missing: " + levels)
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id)
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => found.push("id twice: " + id))
  for (const e of document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")) {
    const labels = [...(e.labels || [])].map(l => l.textContent).join("")
    const ids = (e.getAttribute("aria-labelledby") || "").split(" ")
    const about = ids.map(id => document.getElementById(id)?.textContent)
    const words = [e.getAttribute("aria-label"), e.title, labels, e.textContent, ...about].join("").trim()
    if (seen(e) && !words) found.push("no name: " + name(e))
  }
  return found
}"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(on_free_port(settings), count_opens=True)


@pytest.fixture
def newsroom(
    app: Flask,
    settings: Settings,
    scenario: FeedbackScenario,  # noqa: F811
    browser: Browser,
) -> Iterator[Page]:
    """A newsroom with news, readers, mails and feedback, some of them with long words."""
    parts, world, now = scenario.parts, scenario.world, scenario.clock()
    for number, countries in enumerate((["KZ", "PE"], ["GE"], ["UZ", "KZ"], [])):
        world.article(f"{LONG_WORD} {number}", countries, source=f"The Steppe Post {number}")
    reader = world.subscriber(LONG_ADDRESS, ["world"])
    edition_planner.plan_due(parts.db, parts.planner(), now)
    path = scenario.return_path(scenario.delivery(world.subscriber("gone@example.com")))
    scenario.receive(bounce(path, "gone@example.com", diagnostic=f"550 5.1.1 {LONG_WORD}"))
    path = scenario.return_path(scenario.delivery(world.subscriber("cross@example.com")))
    scenario.receive(complaint(path, f"From: x@example.org\nTo: {path}"))
    notes.add(parts.db, reader.id, f"Rang.\n{LONG_WORD}", writer=notes.Writer(LONG_ADDRESS), now=now)
    draft = manual_editions.create(parts.db, Audience("everyone"), note=LONG_WORD, now=now, draft=True)
    assert draft == DRAFT
    comparison.remember(parts.db, parts.planner(), draft, author=LONG_ADDRESS, now=now)
    world.article(f"Later {LONG_WORD}", ["KG"], age=0)
    week = now.date().isoformat()
    with parts.db.begin() as tx:
        keys = ((Subject.ALL, ""), (Subject.STORY, "1"), (Subject.SOURCE, "1"), (Subject.EDITION, "1"))
        opens.add(tx, {CountKey(*key, week): Opens(60, 41, 5) for key in (*keys, (Subject.REGION, "kz"))})
    with serve(app, settings), signed_in(browser, app, settings) as page:
        yield page


def add_programs(page: Page) -> None:
    """A token and a webhook, by their forms."""
    page.goto("/admin/tokens")
    page.locator("#name").fill(LONG_WORD[:60])
    page.locator("main form [type=checkbox]").first.check()
    page.get_by_role("button", name="Make a token").click()
    page.goto("/admin/webhooks")
    page.locator("#url").fill(f"https://crm.example/{LONG_WORD}")
    page.locator("main form [type=checkbox]").first.check()
    page.get_by_role("button", name="Add the webhook").click()


def violations(page: Page) -> list[str]:
    """What axe-core says about the page, if it is there."""
    library = os.environ.get("AXE_CORE")
    if not library:
        return []
    page.evaluate(Path(library).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def test_no_page_with_data_is_too_wide_or_has_nameless_controls(newsroom: Page) -> None:
    page, faults = newsroom, list[str]()
    add_programs(page)
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        for path in PAGES:
            answer = page.goto(f"/admin/{path}")
            if answer is None or answer.status != 200:
                faults.append(f"{path}: {answer and answer.status}")
                continue
            found = [*page.evaluate(FAULTS), *violations(page)]
            faults += [f"{path} at {width} px, {scheme}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def test_faults_are_found(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 600})
    wrong = '<h1>One</h1><h3>Three</h3><button></button><p id="a" style="width: 99em">Long</p>'
    page.set_content(f'<title>Wrong</title><main id="a">{wrong}</main>')
    found = page.evaluate(FAULTS)
    page.close()
    words = ("wider than the screen", "a level of headings is missing", "id twice: a", "no name: <button>")
    assert [fault[: len(word)] for fault, word in zip(found, words, strict=True)] == list(words)
