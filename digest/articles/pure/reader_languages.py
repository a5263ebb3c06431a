"""Which report of a story a reader sees first: one in a language that they read, if there is one."""

from collections.abc import Collection
from dataclasses import replace

from digest.articles.pure.shown_story import ShownArticle, ShownStory
from digest.i18n.locales import primary_subtag


def prefer_languages(story: ShownStory, languages: Collection[str]) -> ShownStory:
    """The story with reports in these languages (primary subtags) first, and led by one of them if it can.

    Among reports in the same group the order stays. A report whose language is not known keeps its place in the lead.
    """
    if not story.also_in:
        return story
    reports = (story.lead, *story.also_in)
    read = [report for report in reports if primary_subtag(report.language) in languages]
    if not read or len(read) == len(reports):
        return story
    others = [report for report in reports if report not in read]
    if not story.lead.language:
        read, others = _with_lead_first(story.lead, read, others)
    lead, *also_in = (*read, *others)
    order = tuple(report.article_id for report in (lead, *also_in))
    return replace(story, lead=lead, also_in=tuple(also_in), report_order=order)


def _with_lead_first(
    lead: ShownArticle, read: list[ShownArticle], others: list[ShownArticle]
) -> tuple[list[ShownArticle], list[ShownArticle]]:
    return [lead, *read], [report for report in others if report != lead]
