"""Pictures: none unless the operator wants them; then the first story's, from where it harms nobody, in its place."""

import re

import pytest

from digest.editions.rendering import GMAIL_CLIP
from digest.mail.pure.mime import encode_quoted_printable
from tests.editions.sample_digest import (
    FRAGMENTS,
    FRAGMENTS_WITH_PICTURES,
    body_part,
    build_message,
    make_story,
    render_stories,
)

PHOTO = "https://img.example.com/2026/ferry.jpg?w=1200&q=80"
IMAGE = re.compile(r"<img [^>]*>")


def images(html: str) -> list[str]:
    return IMAGE.findall(html)


def pictured(image: str, size: tuple[int | None, int | None] = (None, None), language: str = "en") -> str:
    page = render_stories(
        [make_story(image=image, size=size, source="Port News")], language, fragments=FRAGMENTS_WITH_PICTURES
    )
    return body_part(build_message(page, language), "html")


def test_a_mail_has_no_picture_unless_the_operator_wants_them() -> None:
    assert (
        images(body_part(build_message(render_stories([make_story(image=PHOTO, size=(1200, 800))])), "html"))
        == []
    )


def test_the_first_story_alone_has_its_picture_before_its_headline() -> None:
    stories = [make_story(f"Headline {n}", image=f"https://img.example.com/{n}.jpg") for n in range(3)]
    html = body_part(build_message(render_stories(stories, fragments=FRAGMENTS_WITH_PICTURES)), "html")
    (image,) = images(html)
    assert "https://img.example.com/0.jpg" in image
    assert html.index(image) < html.index("Headline 0</a>")


def test_a_picture_says_its_size_and_whose_it_is_and_leads_to_the_story() -> None:
    html = pictured(PHOTO, (1200, 800))
    (image,) = images(html)
    for attribute in ('width="556"', 'height="371"', 'alt="Picture: Port News 0"', "height: auto"):
        assert attribute in image
    assert 'src="https://img.example.com/2026/ferry.jpg?w=1200&amp;q=80"' in image
    assert re.search(r'<a [^>]*href="https://example.net/[^"]*"[^>]*>' + re.escape(image), html)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1200, 800), ("556", "371")),
        ((400, 300), ("400", "300")),
        ((None, None), ("556", "313")),
        ((800, None), ("556", "313")),
        ((600, 900), ("556", "834")),
    ],
)
def test_a_picture_is_no_wider_than_the_mail_and_keeps_its_shape(
    size: tuple[int | None, int | None], shown: tuple[str, str]
) -> None:
    (image,) = images(pictured(PHOTO, size))
    assert f'width="{shown[0]}" height="{shown[1]}"' in image


@pytest.mark.parametrize("size", [(1, 1), (0, 0), (199, 800), (800, 3), (600, 901), (-5, 300)])
def test_pixels_that_count_readers_icons_and_posters_are_left_out(size: tuple[int, int]) -> None:
    assert images(pictured(PHOTO, size)) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://img.example.com/plain.jpg",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "cid:picture",
        "file:///etc/passwd",
        "//img.example.com/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://[::1]/a.jpg",
        "https://[x/a.jpg",
        "https://0x7f000001/a.jpg",
        "https://2130706433/a.jpg",
        "https://router/reboot",
        "https://router.local/reboot",
        "https://nas.home.arpa/a.jpg",
        "https://printer.lan/a.jpg",
        "https://img.example.com:8443/a.jpg",
        "https://img.example.com:99999/a.jpg",
        "https://user:secret@img.example.com/a.jpg",
        'https://img.example.com/a.jpg" onerror="alert(1)',
        "https://img.example.com/<script>",
        "https://img.example.com/a\nb.jpg",
        "https://img.example.com/" + "a" * 2000,
    ],
)
def test_a_hostile_address_is_no_picture(url: str) -> None:
    html = pictured(url)
    assert images(html) == []
    assert "Port News" in html


@pytest.mark.parametrize(
    "url", ["https://cdn.img.example.com:443/a.jpg", "https://xn--80ak6aa92e.example/a.jpg", PHOTO]
)
def test_a_usual_address_is_one(url: str) -> None:
    assert len(images(pictured(url))) == 1


def test_a_story_without_a_link_has_no_picture_to_lead_there() -> None:
    page = render_stories(
        [make_story(url="javascript:alert(1)", image=PHOTO)], fragments=FRAGMENTS_WITH_PICTURES
    )
    assert images(body_part(build_message(page), "html")) == []


def test_the_web_edition_loads_nothing_from_elsewhere() -> None:
    page = render_stories([make_story(image=PHOTO)], fragments=FRAGMENTS_WITH_PICTURES, full_page=True)
    assert images(body_part(build_message(page), "html")) == []


def test_the_text_part_says_nothing_of_pictures() -> None:
    page = render_stories([make_story(image=PHOTO)], fragments=FRAGMENTS_WITH_PICTURES)
    assert "img.example.com" not in body_part(build_message(page), "plain")


def test_a_picture_is_counted_where_the_mail_must_end() -> None:
    long = "https://img.example.com/" + "%D0%B0" * 320
    stories = [
        make_story(f"{n} " + "Қазақстан " * 28, excerpt="Ұзақ мәтін " * 60, also=9, image=long)
        for n in range(40)
    ]
    plain, with_picture = (
        encode_quoted_printable(body_part(build_message(render_stories(stories, "ru", fragments=f)), "html"))
        for f in (FRAGMENTS, FRAGMENTS_WITH_PICTURES)
    )
    assert len(plain) < GMAIL_CLIP
    assert len(with_picture) < GMAIL_CLIP
    assert images(
        body_part(build_message(render_stories(stories, "ru", fragments=FRAGMENTS_WITH_PICTURES)), "html")
    )
