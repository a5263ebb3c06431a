"""The page "Look": where each value comes from, saving and undoing, the preview, the logo, and the file."""

import io
import json
import re

import pytest
from flask import Flask
from PIL import Image

from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as

ALL = {"name": "Silk Road", "colour": "#8b0050", "masthead": "both"}


def field_value(page: str, name: str) -> str:
    found = re.search(rf'<input type="(?:text|hidden)"[^>]* name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def hint(page: str, name: str) -> str:
    found = re.search(rf'id="{name}-hint">(.*?)</p>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def png(colour: str = "navy") -> io.BytesIO:
    output = io.BytesIO()
    Image.new("RGB", (120, 40), colour).save(output, "PNG")
    return io.BytesIO(output.getvalue())


def save(admin: BrowserSession, **form: object) -> str:
    """Save the form and return the page after it."""
    return admin.follow(admin.post("/admin/look", {"language": "all", **form}, form_page="/admin/look"))


def test_the_page_says_where_each_value_comes_from(admin: BrowserSession) -> None:
    page = admin.get_page("/admin/look")
    assert hint(page, "name").endswith("Empty: “Dateline”, from SITE_NAME in the environment.")
    assert hint(page, "postal_address").endswith(
        "“1 Test Street, Testville”, from POSTAL_ADDRESS in the environment."
    )
    save(admin, **ALL)
    page = admin.get_page("/admin/look?language=fa")
    assert field_value(page, "name") == ""
    assert hint(page, "name").endswith("Empty: “Silk Road”, from the words for all languages.")
    assert 'name="colour"' not in page  # it is the same in all languages


def test_saving_can_be_undone_and_an_empty_field_goes_back_to_the_environment(
    admin: BrowserSession, parts: Parts
) -> None:
    page = save(admin, **ALL)
    assert "The look is saved." in page
    assert "Silk Road" in admin.get_page("/")
    fields = dict(
        re.findall(r'name="(action|look|language)" value="([^"]+)"', page.partition('class="undo"')[2])
    )
    assert fields == {"action": "restore", "look": "0", "language": "all"}
    save(admin, **fields)
    assert parts.look("en").name == "Dateline"
    save(admin, **ALL)
    save(admin, name="")
    assert parts.look("en").name == "Dateline"
    assert "Nothing was changed." in save(admin, name="")


def test_the_words_of_a_language_leave_everything_else_alone(admin: BrowserSession, parts: Parts) -> None:
    save(admin, **ALL)
    save(admin, language="fa", name="جاده")
    assert (parts.look("fa").name, parts.look("de").name) == ("جاده", "Silk Road")
    assert parts.look("fa").palette.accent == "#8b0050"


def test_a_language_has_a_logo_of_its_own_until_it_is_taken_back(admin: BrowserSession, parts: Parts) -> None:
    save(admin, logo_file=(png(), "latin.png"), masthead="logo")
    save(admin, language="fa", logo_file=(png("green"), "arabic.png"), masthead="both")
    latin, arabic = parts.look("en"), parts.look("fa")
    assert latin.logo
    assert arabic.logo
    assert latin.logo != arabic.logo
    assert (latin.shows_name, arabic.shows_name) == (False, True)
    assert arabic.logo.key in admin.get_page("/?lang=fa")
    form = admin.get_page("/admin/look?language=fa")
    assert field_value(form, "logo") == arabic.logo.key
    assert 'value="both" checked' in form
    save(admin, language="fa", logo=arabic.logo.key, no_logo="1", masthead="")
    assert (parts.look("fa").logo, parts.look("fa").shows_name) == (latin.logo, False)


def test_a_colour_that_cant_be_read_is_refused_and_the_nearest_can_be_taken(
    admin: BrowserSession, parts: Parts
) -> None:
    answer = admin.post("/admin/look", ALL | {"colour": "#ffdd00"}, form_page="/admin/look")
    assert answer.status_code == 400
    offered = re.search(r'name="take_colour" value="(#[0-9a-f]{6})"', answer.text)
    assert offered
    assert parts.look("en").name == "Dateline"
    save(admin, **ALL | {"colour": "#ffdd00", "take_colour": offered[1]})
    assert parts.look("en").palette.accent == offered[1]


def test_a_logo_stays_with_the_form_when_something_else_is_wrong(admin: BrowserSession, parts: Parts) -> None:
    wrong = {"colour": "#ffdd00", "logo_file": (png(), "logo.png"), "masthead": "logo"}
    answer = admin.post("/admin/look", wrong, form_page="/admin/look")
    key = field_value(answer.text, "logo")
    assert key.endswith(".png")
    save(admin, logo=key, masthead="logo")
    shown = parts.look("en")
    assert shown.shown_logo is not None
    assert shown.shown_logo.key == key
    save(admin, logo=key, no_logo="1")
    assert parts.look("en").logo is None


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"no picture", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_logo_is_said_beside_its_field(admin: BrowserSession, content: bytes) -> None:
    form = {"name": "Silk Road", "logo_file": (io.BytesIO(content), "logo.png")}
    answer = admin.post("/admin/look", form, form_page="/admin/look")
    assert answer.status_code == 400
    assert 'id="logo_file-error"' in answer.text
    assert field_value(answer.text, "name") == "Silk Road"


def test_the_audit_trail_has_what_was_before_and_after(admin: BrowserSession) -> None:
    save(admin, **ALL)
    save(admin, **ALL | {"name": "Steppe Post"})
    page = admin.get_page("/admin/audit")
    assert "look changed" in page
    assert "Silk Road" in page
    assert "Steppe Post" in page


@pytest.mark.parametrize("shown", ["page", "mail", "web", "letter"])
def test_the_preview_has_what_is_typed_and_saves_nothing(
    admin: BrowserSession, parts: Parts, world: World, shown: str
) -> None:
    world.article("A bridge is opened")
    form = ALL | {
        "name": "Silk <Road>",
        "welcome": "Welcome **you**",
        "footer": "By us",
        "logo_file": (png(), "logo.png"),
        "show": shown,
        "preview_language": "de",
        "scheme": "dark",
    }
    answer = admin.post("/admin/look/preview", form, form_page="/admin/look")
    assert answer.status_code == 200
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    around = () if shown == "letter" else ("<strong>you</strong>", "By us")
    for piece in ("Silk &lt;Road&gt;", 'lang="de"', "/look/", *around):
        assert piece in answer.text, piece
    if shown == "page":
        assert "Willkommen" in answer.text  # the catalogue of readers' pages, in the language of the preview
        assert answer.text.count('rel="stylesheet"') == 1
        sheet = re.search(r'href="(/look/8b0050-[^"]+)"', answer.text)
        assert sheet
        css = admin.get(sheet[1].replace("&amp;", "&")).text
        assert "prefers-color-scheme" not in css
        assert "--accent: #8b0050" in css
    else:
        assert ("A bridge is opened" in answer.text) == (shown != "letter")
        assert "@media all" in answer.text
        assert "#8b0050" in answer.text
    assert parts.look("de").name == "Dateline"


def test_the_preview_shows_examples_while_there_is_no_news_and_says_what_is_wrong(
    admin: BrowserSession,
) -> None:
    mail = admin.post("/admin/look/preview", ALL | {"show": "mail"}, form_page="/admin/look").text
    assert "An example of a headline" in mail
    wrong = admin.post("/admin/look/preview", {"colour": "#ffdd00"}, form_page="/admin/look")
    assert "contrast of 1.3 to 1" in wrong.text
    assert "no such preview" in admin.post("/admin/look/preview", {"show": "x"}, form_page="/admin/look").text


def test_the_look_is_taken_out_and_in_as_a_file(admin: BrowserSession, parts: Parts) -> None:
    save(admin, **ALL, logo_file=(png(), "logo.png"))
    file = admin.get("/admin/look/file")
    assert file.headers["Content-Disposition"] == 'attachment; filename="look.json"'
    assert json.loads(file.text)["words"] == {"all": {"name": "Silk Road"}}
    save(admin)
    assert parts.look("en").logo is None
    form = {"file": (io.BytesIO(file.data), "look.json")}
    page = admin.follow(admin.post("/admin/look/file", form, form_page="/admin/look"))
    assert "The look is saved." in page
    assert parts.look("en").logo is not None


def test_only_admins_see_and_change_it(app: Flask) -> None:
    manager = sign_in_as(app, "manager")
    assert manager.get("/admin/look").status_code == 403
    assert manager.post("/admin/look", ALL).status_code == 403
    assert manager.post("/admin/look/preview", ALL).status_code == 403
    assert "/admin/look" not in manager.get_page("/admin/")


def test_the_checklist_and_the_overview_ask_for_what_is_missing(admin: BrowserSession) -> None:
    page = admin.get_page("/admin/setting-up")
    assert '<a href="/admin/look"' in page
    save(admin, **ALL)
    after = admin.get_page("/admin/setting-up")
    assert 'class="badge good' in after.partition('id="step-name"')[2].partition("</li>")[0]
