"""Notes in Markdown: what becomes bold, a link or a list, and what stays as it was typed."""

import re
import time

import pytest

from digest.editions.pure.note_markup import render_note


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(\w+)", html))


def test_bold_links_and_lists_are_html_and_plain_text() -> None:
    note = render_note(
        "Hello **readers**, see [our list](https://example.org/?a=1&b=2).\r\n\r\n"
        "- one\n- *two*\n  1. a\n  2. b\n\nThe end"
    )
    assert tags(note.html) == {"p", "strong", "em", "a", "ul", "ol", "li"}
    assert '<a href="https://example.org/?a=1&amp;b=2" class="link">our list</a>' in note.html
    assert note.text.split("\n") == [
        "Hello readers, see our list (https://example.org/?a=1&b=2).",
        "",
        "- one",
        "- two",
        "  1. a",
        "  2. b",
        "",
        "The end",
    ]


def test_a_link_without_words_is_there_once() -> None:
    assert render_note("<https://example.org> <a@example.org>").text == "https://example.org a@example.org"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "[click](  JaVaScRiPt:alert(1) )",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "[click](vbscript:x) [click](//evil.example) [click](/admin) [click](https:)",
        '[a](https://x.example "onmouseover=alert(1)")',
        '<a href="javascript:alert(1)">x</a> <img src=x onerror=alert(1)>',
        "![pixel](https://tracker.example/p.gif)",
        "**<b onclick=x>**",
        "<https://x.example/\"onmouseover='alert(1)>",
        "<!-- --><style>p{display:none}</style>",
        "&lt;script&gt; &#x3c;img src=x&#x3e;",
    ],
)
def test_hostile_markup_is_shown_as_text(hostile: str) -> None:
    html = render_note(hostile).html
    assert tags(html) <= {"p", "a", "strong"}
    assert re.findall(r"<a ([^>]*)>", re.sub(r'href="https://(x|tracker)\.example[^"]*"', "", html)) in (
        [],
        [' class="link"'],
    )
    assert set(re.findall(r'<\w+ ([\w-]+)="', html)) <= {"class", "href", "dir"}


@pytest.mark.parametrize("character", ["\u202e", "&#x202e;", "\ufeff", "\x00", "\u2066"])
def test_a_note_never_turns_the_direction_of_the_text_around_it(character: str) -> None:
    note = render_note(f"a{character}b [l{character}](https://x.example/{character})")
    for part in note:
        assert not re.search("[\u202a-\u202e\u2066-\u2069\ufeff\x00]", part)


@pytest.mark.parametrize("blank", ["", "  \n ", "\u2028", "- \n- "])
def test_a_blank_note_has_no_text(blank: str) -> None:
    assert render_note(blank).text.strip() in {"", "-\n-"}


@pytest.mark.parametrize("piece", ["*", "[", "_a", "[a](", "- ", "<", "**a", "\\", "![", "> ", "`", "1. "])
def test_repeated_marks_take_no_time(piece: str) -> None:
    started = time.process_time()
    render_note(piece * (3_000 // len(piece)))
    assert time.process_time() - started < 1


def test_long_lines_are_wrapped_and_addresses_are_not_broken() -> None:
    url = "https://example.org/" + "a" * 100
    lines = render_note(f"{'word ' * 40}[here]({url})\n\n1. {'long ' * 30}").text.split("\n")
    assert any(f"({url})" in line for line in lines)
    assert all(len(line) <= 76 or url in line for line in lines)
    assert [line[:7] for line in lines[-3:]] == ["1. long", "  long ", "  long "]


@pytest.mark.parametrize(
    ("address", "is_link"),
    [("https://", False), ("https", False), ("https://a", True), ("mailto:a@b", True), ("mailto:a", False)],
)
def test_a_link_leads_somewhere(address: str, is_link: bool) -> None:
    assert ("<a " in render_note(f"[here]({address})").html) == is_link


def test_a_forced_line_break_is_one_in_plain_text_too() -> None:
    note = render_note("one\\\ntwo\nthree")
    assert note.text == "one\ntwo three"
    assert "<br>" in note.html


def test_lists_are_nested_eight_times() -> None:
    nested = "\n".join("  " * level + f"- x{level}" for level in range(10))
    lines = render_note(nested).text.split("\n")
    assert "              - x7" in lines
    assert not any(line.strip() == "- x8" for line in lines)
