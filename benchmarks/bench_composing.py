"""Compose digests of 15 stories from a window of 3,000: ours, plain Jinja, and Jinja with premailer.

Every digest has other stories. Prints one JSON line: digests (HTML and text) a CPU second; ours without and with
selection, and with a window ten times as large that has the same stories of the subscribers' regions.
`premailer` comes with the `bench` extra; without it that figure is null.
"""

import argparse
import importlib
import importlib.util
import json
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import sample_headlines
from digest.articles.pure.shown_story import ShownArticle, ShownStory, StoryContents, build_shown_story
from digest.editions.fragment_values import Site, StoryDisplay
from digest.editions.fragments import DIGEST_SLOTS, SUBSCRIBER_SLOTS, Fragments
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.display_text import choose_headline
from digest.editions.pure.sections import Section
from digest.editions.pure.selection import Candidate, CountryRelevance, StoryIndex, select_stories
from digest.editions.rendering import render_digest
from digest.editions.subjects import build_subject
from digest.mail import templates
from digest.regions.tree import region_tree as regions

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
START = NOW - timedelta(days=1)
STORIES_PER_DIGEST = 15
REGIONS = ("central-asia", "south-caucasus", "ir")
TREE = regions.load()
CHOSEN_COUNTRIES = sorted(TREE.countries_of(REGIONS))
OTHER_COUNTRIES = sorted(TREE.countries_of(["world"]) - TREE.countries_of(REGIONS))


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--digests", type=int, default=4000)
    options.add_argument("--stories", type=int, default=3000)
    args = options.parse_args()
    rng = random.Random(20261122)  # noqa: S311  (the same data every time)
    stories = {n: make_story(n, rng, CHOSEN_COUNTRIES) for n in range(1, args.stories + 1)}
    copies = [make_digest_input(rng, stories) for _ in range(args.digests)]
    fragments = Fragments(Site("Dateline", "https://news.example.org", "1 Harbour Lane"), TREE)
    cold = _per_second(
        lambda: [fragments.story(story, StoryDisplay("en")) for story in stories.values()], len(stories)
    )
    render_digest(copies[0], stories, fragments)
    ours = _per_second(
        lambda: _consume(render_digest(copy, stories, fragments) for copy in copies), len(copies)
    )
    figures = {
        "fragments_per_s": cold,
        "printed_per_s": ours,
        "selected_and_printed_per_s": _selected(args.stories, args.digests, fragments),
        "selected_and_printed_of_ten_times_the_stories_elsewhere_per_s": _selected(
            args.stories * 10, args.digests, fragments
        ),
        **_figures_of_jinja(copies, stories),
    }
    print(json.dumps({"benchmark": "composing", **vars(args), **figures}))


def _per_second(work: Callable[[], object], count: int) -> int:
    """`count` by the seconds of CPU time that the work took in this process; other processes do not count."""
    start = time.process_time()
    work()
    return round(count / (time.process_time() - start))


def _consume(results: Iterable[object]) -> None:
    for _ in results:
        pass


def make_story(number: int, rng: random.Random, countries: Sequence[str]) -> ShownStory:
    """A story of one to three sources about two of these countries."""
    title = sample_headlines.random_headline(rng, number)
    reports = tuple(
        ShownArticle(
            number * 10 + n,
            n,
            f"Source {n}",
            title,
            f"https://s{n}.example/{number}",
            sample_headlines.SENTENCE * 2,
            START,
        )
        for n in range(rng.randint(1, 3))
    )
    return build_shown_story(
        number, 1, START, hidden=False, contents=StoryContents(reports, tuple(rng.sample(countries, 2)))
    )


def make_digest_input(rng: random.Random, stories: Mapping[int, ShownStory]) -> DigestInput:
    """What a digest of 15 stories in three regions is rendered from."""
    chosen = rng.sample(sorted(stories), STORIES_PER_DIGEST)
    sections: list[Section] = [
        Section(slug, tuple((story, 1) for story in chosen[n::3])) for n, slug in enumerate(REGIONS)
    ]
    titles = [stories[story].lead.title for _, rows in sections for story, _ in rows]
    return DigestInput(
        build_subject("en", titles, STORIES_PER_DIGEST),
        "en",
        "",
        sections,
        f"https://news.example.org/read/{chosen[0]}",
    )


def _selected(total: int, digests: int, fragments: Fragments) -> int:
    """The same with selection: subscribers of three countries each, of which 40 stories are; the others are not."""
    rng = random.Random(1)  # noqa: S311
    own = [rng.sample(CHOSEN_COUNTRIES, 2) for _ in range(40)]
    stories = {n: make_story(n, rng, own[n - 1] if n <= 40 else OTHER_COUNTRIES) for n in range(1, total + 1)}
    choices = [rng.sample([code.lower() for code in CHOSEN_COUNTRIES], 3) for _ in range(digests)]
    own_stories = {n: stories[n] for n in range(1, 41)}

    def countries(slug: str) -> frozenset[str]:
        return frozenset((slug.upper(),))

    index = StoryIndex(map(_candidate, stories.values()), countries)

    def work() -> None:
        for chosen_regions in choices:
            chosen = select_stories(index, chosen_regions, start=START, max_in_mail=STORIES_PER_DIGEST)
            sections = [
                Section(s.region, tuple((c.id, c.version) for c in s.stories))
                for s in (*chosen.mail, *chosen.web_only)
            ]
            titles = [stories[story].lead.title for _, rows in sections for story, _ in rows]
            line = build_subject("en", titles, len(titles))
            copy = DigestInput(
                line, "en", "", sections, "https://news.example.org/read/x", max_stories=STORIES_PER_DIGEST
            )
            render_digest(copy, own_stories, fragments)

    return _per_second(work, digests)


def _candidate(story: ShownStory) -> Candidate:
    seen = START + timedelta(seconds=story.id)
    return Candidate(
        story.id, 1, seen, tuple(CountryRelevance(c, 1.0, seen) for c in story.countries), source_count=2
    )


def _figures_of_jinja(
    copies: Sequence[DigestInput], stories: Mapping[int, ShownStory]
) -> Mapping[str, int | None]:
    """The same digests from one Jinja template each, without and with premailer."""
    page = templates.environment("en").from_string(PLAIN_HTML)
    text = templates.environment("en").from_string(PLAIN_TEXT)
    css = (templates.TEMPLATES_DIR / "styles" / "digest.css").read_text(encoding="utf-8")

    def plain(digest_inputs: Sequence[DigestInput], style: Callable[[str], str]) -> None:
        for copy in digest_inputs:
            values = _values(copy, stories)
            style(page.render(values, css=css))
            text.render(values)

    jinja = copies[: max(len(copies) // 8, 1)]
    figures: dict[str, int | None] = {
        "jinja_per_s": _per_second(lambda: plain(jinja, str), len(jinja)),
        "jinja_and_premailer_per_s": None,
    }
    if importlib.util.find_spec("premailer"):
        transform = importlib.import_module("premailer").transform
        few = copies[: max(len(copies) // 80, 1)]
        figures["jinja_and_premailer_per_s"] = _per_second(lambda: plain(few, transform), len(few))
    return figures


def _values(copy: DigestInput, stories: Mapping[int, ShownStory]) -> dict[str, Any]:
    found = [(slug, [stories[story] for story, _ in rows]) for slug, rows in copy.sections]
    return dict.fromkeys(DIGEST_SLOTS + SUBSCRIBER_SLOTS, "https://news.example.org/x") | {
        "title": copy.subject,
        "sections": [
            (TREE.name(slug), [(story, choose_headline(story.lead.title, "", "")) for story in shown])
            for slug, shown in found
        ],
    }


PLAIN_HTML = """{% autoescape true %}<!DOCTYPE html>
<html lang="en"><head><title>{{ title }}</title><style>{{ css }}</style></head>
<body class="page"><div class="preheader">{{ preheader }}</div>
<table role="presentation" class="sheet"><tr><td class="head">
<h1 class="date">{{ date_line }}</h1><p class="intro">{{ intro }}</p></td></tr><tr><td class="body">
{% for name, stories in sections %}<h2 class="section">{{ name }}</h2>
{% for story, title in stories %}<table role="presentation"><tr><td class="story">
<p class="where">{{ story.countries|join(', ') }}</p>
<h3 class="title"><a href="{{ story.lead.url }}">{{ title }}</a></h3><p class="text">{{ story.lead.excerpt }}</p>
<p class="meta">{{ story.lead.source }} · {{ story.lead.published_at.strftime('%H:%M') }}
{% for other in story.also_in %} · <a href="{{ other.url }}">{{ other.source }}</a>{% endfor %}</p></td></tr></table>
{% endfor %}{% endfor %}
</td></tr><tr><td class="foot"><p class="why">{{ why_line }}</p>
<p class="why"><a href="{{ preferences_url }}">Change</a> <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>
</td></tr></table></body></html>{% endautoescape %}"""
PLAIN_TEXT = """{{ title }}
{% for name, stories in sections %}{{ name }}
{% for story, title in stories %}{{ title|wrapped }}
{{ story.lead.source }}
{{ story.lead.excerpt|wrapped }}
{{ story.lead.url }}
{% endfor %}{% endfor %}{{ why_line }}
{{ unsubscribe_url }}
"""


if __name__ == "__main__":
    main()
