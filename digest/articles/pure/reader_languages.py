"""Which report of a story a reader sees first: one in a language that they read, if there is one."""

from collections.abc import Collection
from dataclasses import replace

from digest.articles.pure.shown_story import ShownStory
from digest.articles.pure.story_kinds import may_lead
from digest.i18n.locales import primary_subtag


def prefer_languages(story: ShownStory, languages: Collection[str]) -> ShownStory:
    """The story with reports in these languages (primary subtags) first, and led by one of them if it can.

    Otherwise the order stays. A report of a kind that never leads takes no other's place, and a lead whose language is
    not known keeps its own.
    """
    if not story.also_in:
        return story
    reports = (story.lead, *story.also_in)
    read = [report for report in reports if primary_subtag(report.language) in languages]
    if not read or len(read) == len(reports):
        return story
    lead = story.lead
    if lead.language:
        lead = next(
            (report for report in read if may_lead(report.kind)), lead if may_lead(lead.kind) else read[0]
        )
    others = [report for report in reports if report not in read]
    also_in = tuple(report for report in (*read, *others) if report != lead)
    order = tuple(report.article_id for report in (lead, *also_in))
    return replace(story, lead=lead, also_in=also_in, report_order=order)
