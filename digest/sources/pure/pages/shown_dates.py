"""Finds the dates that a page shows outside its lists, and what they say: published, updated, or nothing."""

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from digest.sources.pure.dates.date_finder import DateContext, DateMention, find_date
from digest.sources.pure.pages.list_candidates import find_run_date, naming_attributes, text_around
from digest.sources.pure.pages.text_runs import TextRun, self_and_ancestors
from digest.sources.pure.text.markup import collapse_whitespace
from digest.sources.pure.text.prose import ends_sentence, reading_length

MAX_LABEL_LENGTH = 30  # characters of the label before a date: "Published:"
MAX_BYLINE_LENGTH = 160  # letters of a paragraph that is a byline and not prose
MAX_LENGTH_WITH_FULL_STOP = 60  # letters of a byline that ends with a full stop
MAX_TEXT_IN_HEADING = 12  # letters beside a date in a heading; with more it is a headline that names a date
MIN_PARTIAL_HEADLINE_LENGTH = 20  # a longer run that is a part of the headline counts as it
UPDATED_LABEL = re.compile(
    r"updat|modif|edited|revis|обновл|оновл|измен|ред\.|aktualis|aktualiz|änder|geänder|\bstand\b|mise? à jour"
    r"|actualiz|atualiz|aggiorn|güncel|zaktual|bijgewerkt|oppdater|opdater|uppdater|päivit|frissít|ažurir|yenilən"
    r"|更新|修正|최종|수정|تحديث|تعديل|روز\s?رسانی|ενημ|עודכן|cập nhật|diperbarui",
    re.IGNORECASE,
)
PUBLISHED_LABEL = re.compile(
    r"publi|post(?:ed|ado)|erschien|erstellt|veröffentl|verfasst|created|issued|released|first seen|uploaded|geplaatst"
    r"|pubblicat|yayın|опубл|создан|дата|datum|\bdate\b|発表|公開|掲載|发布|發布|발행|입력|등록|نشر|منتشر|פורסם|δημοσ|dodano"
    r"|utworzono|zveřejn|vydáno|objavljen|közzé|megjelen|julkais|publicer|udgivet|đăng|diterbitkan|dərc",
    re.IGNORECASE,
)
PUBLISHED_CLASS = re.compile(r"publi(?:sh|c)|pubdate|posted", re.IGNORECASE)
# The head of a news story: "QUAY, (14 January 2026). The harbour …", "14.01.2026 - The harbour …".
PLACE = re.compile(r"(?:\[?\(?[^\W\d_][^\W\d_.-]{1,20}[ /-]?){0,3},?\s*(?:de[nr]\s)?[(\[]?")
AFTER_DATELINE = re.compile(r"[)\]]?\s*[.:–—/|-]?[)\]]?\s*(?:[-–—:|.]\s|[„“\"«])")
# "This entry was posted on … and is filed under", of a blog.
MAX_PUBLICATION_SENTENCE = 200  # characters
PUBLICATION = re.compile(
    r"(?:entry|article|post|page|beitrag|artikel|seite|eintrag|billet|artículo|entrada|articolo)\b.{0,40}"
    r"\b(?:posted|published|written|created|veröffentlicht|geschrieben|erstellt|verfasst|wurde|publié|écrit|publicad\w"
    r"|pubblicat\w|è stato)\b",
    re.IGNORECASE,
)
COPYRIGHT_NOTICE = re.compile(
    r"©|\(c\)|copyright|all rights|все права|alle rechte|tous droits", re.IGNORECASE
)
# What is not of the article: boxes of other matter, named by class or id.
FOREIGN_BOX = re.compile(
    r"cookie|\bconsent|gdpr|dsgvo|(?:^|\s)(?:wp-)?comment(?!ary)|disqus|\bweather|\bwetter", re.IGNORECASE
)
PERIPHERAL_TAGS = ("footer", "nav", "aside")
# Their classes say nothing about a date in them.
WHOLE_PAGE_TAGS = ("html", "body", "main", "article", "form")


class DateLabel(IntEnum):
    """What a page says about a date that it shows, the most useful first."""

    PUBLISHED = 0
    NONE = 1
    UPDATED = 2


class ShownDate(NamedTuple):
    """A date that the page shows, the index of its run, and its label."""

    run_index: int
    mention: DateMention
    label: DateLabel


def find_shown_dates(
    runs: Sequence[TextRun], skipped: frozenset[int], context: DateContext, headline: str
) -> list[ShownDate]:
    """The dates of the runs that are no caption, copyright notice, headline or prose. `skipped` are runs of lists."""
    return list(_iter_shown_dates(runs, skipped, context, headline))


def find_date_in_text(
    runs: Sequence[TextRun], skipped: frozenset[int], context: DateContext
) -> DateMention | None:
    """The full date with which a text begins ("Quay, 14 January 2026. …"), or of which a sentence says "published"."""
    for index, run in enumerate(runs):
        if index in skipped or run.link is not None or section_tag(run) in PERIPHERAL_TAGS:
            continue
        mention = find_date(run.text, context)
        if (
            mention is None
            or not mention.has_year
            or mention.is_relative
            or COPYRIGHT_NOTICE.search(run.text)
        ):
            continue
        before, after = run.text[: mention.start], run.text[mention.end :]
        begins_text = PLACE.fullmatch(before) and AFTER_DATELINE.match(after)
        is_sentence = len(run.text) <= MAX_PUBLICATION_SENTENCE and PUBLICATION.search(before + " " + after)
        if (begins_text or is_sentence) and not _is_of_other_box(run):
            return mention
    return None


def shows_headline(text: str, headline: str) -> bool:
    """Whether a run is the page's headline or a part of it."""
    return bool(headline) and (
        text == headline or (len(text) > MIN_PARTIAL_HEADLINE_LENGTH and text in headline)
    )


def section_tag(run: TextRun) -> str:
    """The tag of the nearest element around a run that is a section of the page; "" if there is none.

    A header or footer within an article or the main part counts as "article".
    """
    section_tags = ("header", "article", "main", *PERIPHERAL_TAGS)
    tag = next((str(e.tag) for e in self_and_ancestors(run.element) if e.tag in section_tags), "")
    if tag == "header" and any(e.tag in ("article", "main") for e in run.element.iterancestors()):
        return "article"
    return tag


def is_within_article(run: TextRun) -> bool:
    """Whether a run is in an <article>."""
    return any(element.tag == "article" for element in run.element.iterancestors())


def _iter_shown_dates(
    runs: Sequence[TextRun], skipped: frozenset[int], context: DateContext, headline: str
) -> Iterator[ShownDate]:
    for index, run in enumerate(runs):
        if index in skipped or shows_headline(run.text, headline):
            continue
        mention = _find_shown_date(run, context)
        if mention is None or _is_of_other_box(run):
            continue
        label = _find_label(runs, index, mention)
        if label is DateLabel.UPDATED and (second := _date_after_update(run, mention, context)):
            yield ShownDate(index, second, DateLabel.NONE)
        else:
            yield ShownDate(index, mention, label)


def _find_shown_date(run: TextRun, context: DateContext) -> DateMention | None:
    mention = find_run_date(run, context)
    if mention is None or COPYRIGHT_NOTICE.search(run.text):
        return None
    if run.heading_level and reading_length(text_around(run.text, mention)) > MAX_TEXT_IN_HEADING:
        return None
    if run.link is not None and (mention.is_relative or text_around(run.text, mention)):
        return None
    paragraph = run.text
    if run.element.tag == "p":
        paragraph = collapse_whitespace("".join(run.element.itertext()))
    max_length = MAX_LENGTH_WITH_FULL_STOP if ends_sentence(paragraph) else MAX_BYLINE_LENGTH
    return mention if reading_length(paragraph) <= max_length else None


def _is_of_other_box(run: TextRun) -> bool:
    """Whether a date is of a caption, a comment, a cookie box or the weather."""
    for element in self_and_ancestors(run.element):
        if element.tag == "figcaption":
            return True
        if element.tag in WHOLE_PAGE_TAGS:
            continue
        names = naming_attributes(element) + " " + (element.get("id") or "")
        if FOREIGN_BOX.search(names):
            return True
    return False


def _find_label(runs: Sequence[TextRun], index: int, mention: DateMention) -> DateLabel:
    run = runs[index]
    before = runs[index - 1].text if index else ""
    is_label = len(before) <= MAX_LABEL_LENGTH and not any(character.isdigit() for character in before)
    own = run.text[: mention.start] if mention.end <= len(run.text) else run.text
    text = own if own.strip(" |·•–—-,:;()") else (before if is_label else "") + " " + own
    if UPDATED_LABEL.search(text) and not PUBLISHED_LABEL.search(text):
        return DateLabel.UPDATED
    is_published = PUBLISHED_LABEL.search(text) or PUBLISHED_CLASS.search(naming_attributes(run.element))
    return DateLabel.PUBLISHED if is_published else DateLabel.NONE


def _date_after_update(run: TextRun, mention: DateMention, context: DateContext) -> DateMention | None:
    """The second date of "Updated 4 June, first published 17 May"."""
    return find_date(run.text[mention.end :], context)
