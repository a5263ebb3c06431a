"""Which stories of a section are shown in one line, in the list "In brief" below the others."""

from collections.abc import Collection, Sequence

from digest.articles.pure.shown_story import MIN_EXCERPT, ShownStory


def is_brief(story: ShownStory) -> bool:
    """Whether one line tells the story: one source has it, and its excerpt is short or the title again."""
    if story.also_in:
        return False
    title, excerpt = story.lead.title, story.lead.excerpt
    return len(excerpt) < MIN_EXCERPT or (bool(title) and title.startswith(excerpt.rstrip(" .…")))


def divide_section(
    stories: Sequence[ShownStory], kept_whole: Collection[int]
) -> tuple[Sequence[ShownStory], Sequence[ShownStory]]:
    """The stories of a section that are shown in full, and those in brief, each in their order.

    `kept_whole` are ids of stories that are never brief.
    """
    # `also_in` is looked at first: most stories need no call.
    brief = [
        story for story in stories if not story.also_in and is_brief(story) and story.id not in kept_whole
    ]
    if not brief:
        return stories, brief
    brief_ids = {story.id for story in brief}
    return [story for story in stories if story.id not in brief_ids], brief
