"""Every page of the newsroom in Russian: no English words but names, codes and what sources and people wrote."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy import update

from digest.articles.models import Article
from digest.deliveries.planning import edition_planner, manual_editions
from digest.deliveries.pure.audience import Audience
from digest.parts import Parts
from digest.sources.http.status_descriptions import describe_status
from digest.sources.models import Source
from digest.sources.states import PollOutcome
from digest.sources.store import polls
from digest.sources.store.polls import Poll
from tests.builders import World
from tests.feedback.conftest import FeedbackScenario, bounce
from tests.web.browser_session import BrowserSession

# Pages that are for programs, files to download, and the mails themselves, which have the language of their reader.
NO_PAGES = re.compile(r"\.(csv|jsonl|opml|html|eml|txt|svg)$|/(html|message|text|progress|export)$|oidc|<any")
HIDDEN_TAGS = {"script", "style", "code", "kbd", "pre", "textarea"}
SHOWN_ATTRIBUTES = (
    "title",
    "placeholder",
    "aria-label",
    "alt",
    "data-label",
    "data-text",
    "data-error",
    "label",
)
WORD = re.compile(r"[A-Za-z][a-z]+(?![\w.@/:=-])")
ADDRESS = re.compile(
    r"https?://\S*|\S+@\S+|[\w.-]+\.(example|com|org|txt)\b\S*|[A-Z]+(_[A-Z]+)+|\b[A-Z]{2,}\b"
)
SYSTEM_ERROR = re.compile(r"Error \d+ connecting to .*?directory\.", re.DOTALL)
# Names of things, which are the same in every language.
NAMES = {
    "Dateline", "English", "Enter", "Tab", "Maildir", "Standard", "Webhooks", "eml", "px", "OpenID", "Connect",
    "listmonk", "Mailchimp", "Ghost", "Buttondown", "Substack", "Natural", "Earth", "import",
    "dateline", "up", "webhooks", "accounts", "deliveries", "backup", "localhost", "include", "lang",
    # values that are typed or chosen as they are
    "https", "read", "subscribers", "editorial", "send", "admin", "email", "reason", "detail", "none", "silk",
    "road", "ru",
}  # fmt: skip


class Words(HTMLParser):
    """The words of a page in the Latin alphabet, with the text that they are in."""

    def __init__(self, data: list[str]) -> None:
        super().__init__()
        self.data, self.found, self.open, self.is_page = data, list[str](), list[tuple[str, bool]](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.is_page = self.is_page or (tag == "html" and values.get("lang") == "ru")
        is_other = tag != "html" and ("lang" in values or "dir" in values or values.get("name") == "zone")
        is_hidden = tag in HIDDEN_TAGS or is_other or any(hidden for _, hidden in self.open)
        if tag not in ("input", "meta", "link", "br", "hr", "img", "path", "rect", "line"):
            self.open.append((tag, is_hidden))
        for name in SHOWN_ATTRIBUTES:
            if not is_hidden and values.get(name):
                self.look(str(values[name]))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(hidden for _, hidden in self.open):
            self.look(data)

    def look(self, text: str) -> None:
        own = text
        for value in self.data:
            own = own.replace(value, "")
        if any(word not in NAMES for word in WORD.findall(ADDRESS.sub("", SYSTEM_ERROR.sub("", own)))):
            self.found.append(" ".join(text.split()))


@pytest.fixture
def everything(
    admin: BrowserSession, world: World, parts: Parts, scenario: FeedbackScenario
) -> BrowserSession:
    """An admin who reads Russian, and at least one of everything that pages show."""
    world.article("Астана и Лима подписали договор", ["KZ", "PE"], text="Договор о торговле.")
    world.article("Задержано для редактора", source="The Quiet Paper", text="Без подробностей.")
    ann = world.subscriber("ann@example.com", regions=["world"])
    edition_planner.plan_due(parts.db, parts.planner(), world.clock())
    delivery = scenario.delivery(ann)
    scenario.receive(bounce(scenario.return_path(delivery), "ann@example.com"))
    manual_editions.create(parts.db, Audience("everyone"), note="", now=world.clock(), draft=True)
    with parts.db.begin() as tx:
        tx.execute(update(Article).where(Article.id == 2).values(state="flood", story_id=None))
        tx.execute(
            update(Source).where(Source.id == 1).values(failures=3, last_error=str(describe_status(403)))
        )
        for poll in (
            Poll(PollOutcome.READ, 200, new=1, changed=1, held=1), Poll(PollOutcome.READ, 200),
            Poll(PollOutcome.UNCHANGED, 304), Poll(PollOutcome.UNCHANGED, 200),
            Poll(PollOutcome.FAILED, 403, str(describe_status(403))),
        ):  # fmt: skip
            polls.add(tx, 1, poll, world.clock())
    for path, form in {
        "/admin/security/language": {"language": "ru"},
        "/admin/tokens": {"name": "intranet", "read": "y", "scopes": "read"},
        "/admin/webhooks": {"url": "https://crm.example/hook"},
        "/admin/articles/1/kind": {"kind": "sport"},
        "/admin/sources/1/stop": {},
        "/admin/sources/1/start": {},
        "/admin/notes": {"action": "save", "region": "", "subject": "", "text": "Ещё одно слово"},
    }.items():
        assert admin.post(path, form).status_code in (200, 302), path
    return admin


DATA = [
    "The Quiet Paper", "The Steppe Post", "Morning letter", "It happened yesterday. More is not known.",
    "User unknown",
    "intranet", "1 Test Street, Testville", "регион world", ": sport", "+ 1 more",
]  # fmt: skip


def test_no_page_has_english_words(app: Flask, everything: BrowserSession) -> None:
    found, pages = {}, 0
    for rule in app.url_map.iter_rules():
        if (
            not rule.endpoint.startswith("admin.")
            or "GET" not in (rule.methods or ())
            or NO_PAGES.search(rule.rule)
        ):
            continue
        path = re.sub(r"<[^>]*slug>", "gulf", re.sub(r"<int:[^>]+>", "1", rule.rule))
        answer = everything.get(path)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        words = Words(DATA)
        words.feed(answer.text)
        pages += 1
        assert words.is_page, path
        if words.found:
            found[path] = words.found
    assert "\n".join(f"{path}: {texts}" for path, texts in found.items()) == ""
    assert pages >= 40
