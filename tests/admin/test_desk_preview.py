"""The preview beside the desk: whose mail it is, and its language, width and colours, without JavaScript."""

import html
import re

import pytest

from tests.builders import World
from tests.web.browser_session import BrowserSession


def frames(page: str) -> list[str]:
    return [html.unescape(url) for url in re.findall(r'<iframe [^>]*src="([^"]+)"', page)]


def test_the_preview_is_of_the_desks_region(editor: BrowserSession, world: World) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.article("Lima repairs its port", ["PE"])
    (url,) = frames(editor.get_page("/admin/today?region=central-asia"))
    mail = editor.get_page(url)
    assert "Astana plants trees" in mail
    assert "Lima" not in mail
    assert mail.count("<body") == 1
    assert "&lt;body" not in mail
    assert "<strong>Astana plants trees</strong>" in mail  # the subject
    (nothing,) = frames(editor.get_page("/admin/today?region=fr"))
    assert "There are no new stories." in editor.get_page(nothing)


def test_two_mixes_stand_side_by_side_in_a_language(editor: BrowserSession, world: World) -> None:
    world.article("Astana plants trees", ["KZ"])
    world.article("Lima repairs its port", ["PE"])
    page = editor.get_page("/admin/today?region=kz&mix=kz+pe&beside=pe&language=ru&size=desktop")
    first, second = frames(page)
    assert 'lang="ru"' in editor.get_page(first)
    assert "Astana" in editor.get_page(first)
    assert "Astana" not in editor.get_page(second)
    assert page.count('class="preview-frame desktop"') == 2
    assert '<option value="kz pe" selected>' in page
    (text,) = frames(editor.get_page("/admin/today?size=text"))
    assert editor.get(text).content_type.startswith("text/plain")


def test_colours_are_fixed_whatever_the_browser_prefers(editor: BrowserSession, world: World) -> None:
    world.article("Astana plants trees", ["KZ"])
    urls = {
        scheme: frames(editor.get_page(f"/admin/today?scheme={scheme}"))[0]
        for scheme in ("", "light", "dark")
    }
    mails = {scheme: editor.get_page(url) for scheme, url in urls.items()}
    assert "@media (prefers-color-scheme: dark)" in mails[""]
    assert "@media not all {" in mails["light"]
    assert "@media all {" in mails["dark"]
    assert "prefers-color-scheme" not in mails["light"] + mails["dark"]


def test_a_change_keeps_the_preview_and_the_filters(editor: BrowserSession, world: World) -> None:
    world.article("Astana plants trees", ["KZ"])
    query = "region=kz&mix=kz+pe&size=desktop&scheme=dark"
    answer = editor.post(
        f"/admin/today?{query}", {"action": "reviewed", "stories": "1"}, form_page=f"/admin/today?{query}"
    )
    assert answer.status_code == 302
    for part in ("region=kz", "mix=kz+pe", "size=desktop", "scheme=dark"):
        assert part in answer.location
    assert all(
        f'name="{name}" form="filter"' in editor.get_page("/admin/today") for name in ("mix", "scheme")
    )


def test_wrong_values_are_refused(editor: BrowserSession) -> None:
    for query, error in (
        ("size=huge", "huge"),
        ("scheme=pink", "pink"),
        ("mix=atlantis", "atlantis"),
        ("language=xx", "xx"),
    ):
        answer = editor.get(f"/admin/today?{query}")
        assert answer.status_code in {400, 404}
        assert error in answer.text


@pytest.mark.parametrize(("scheme", "media"), [("", "(prefers-color-scheme: dark)"), ("dark", "all")])
def test_the_line_of_the_inbox_above_the_mail_has_the_colours_of_the_mail(
    editor: BrowserSession, world: World, scheme: str, media: str
) -> None:
    world.article("Astana plants trees", ["KZ"])
    page = editor.get_page(f"/admin/preview/mail.html?regions=kz&frame=1&scheme={scheme}")
    assert f"@media {media}{{.inbox-line{{background:#16191c" in page
    assert f"@media {media} {{\n.page {{" in page
