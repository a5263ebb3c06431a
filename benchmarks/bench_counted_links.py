"""What counting opened stories costs: preparing mails with and without it in turn, their sizes, and the redirect.

Each edition has its own digests of 15 of 300 stories, which are rendered and encoded as for sending; the stories
themselves are rendered and encoded before. Prints one JSON line. `redirects_per_cpu_s` is of one web process on an
embedded database; the requests are made in that process.
"""

import argparse
import json
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean

from sqlalchemy import insert

from benchmarks.bench_composing import NOW, START, TREE, make_digest_input, make_story
from digest.app import create_app
from digest.articles.models import Article
from digest.articles.pure.shown_story import ShownStory
from digest.articles.states import DateSource
from digest.deliveries.messages.digest_message import SenderIdentity, prepare_message
from digest.editions.fragment_values import Site
from digest.editions.fragments import Fragments
from digest.editions.pure.digest_input import DigestInput
from digest.editions.pure.sections import Section
from digest.editions.rendering import render_digest
from digest.mail.pure.mime import PreparedMessage
from digest.opens.pure.counted_links import CountedLink, CountedLinks
from digest.own_addresses import NamedAddress
from digest.parts import EXTENSION_KEY
from digest.settings import Settings
from digest.sources.store import sources

SITE = "https://news.example.org"
SENDER = SenderIdentity(NamedAddress("Dateline", "digest@example.org"), "", "Dateline", SITE, "a secret")
SLOTS = dict.fromkeys(
    ("date_line", "why_line", "preferences_url", "unsubscribe_url", "pause_url", "page_links"), "x"
)
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0", "Accept-Language": "en"}
ARTICLES = 300  # of a day's mails


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--editions", type=int, default=20)
    options.add_argument("--digests", type=int, default=50, help="of each edition")
    options.add_argument("--requests", type=int, default=3000)
    args = options.parse_args()
    rng = random.Random(20261130)  # noqa: S311  (the same data every time)
    countries = sorted(TREE.countries_of(("central-asia", "south-caucasus", "ir")))
    stories = {n: make_story(n, rng, countries) for n in range(1, 301)}
    plain = Fragments(Site("Dateline", SITE, "1 Harbour Lane"), TREE)
    links = CountedLinks("a secret", SITE)
    counting = Fragments(Site("Dateline", SITE, "1 Harbour Lane", counted_links=links), TREE)
    inputs = [[make_digest_input(rng, stories) for _ in range(args.digests)] for _ in range(args.editions)]
    seconds: dict[str, float] = {"off": 0.0, "on": 0.0}
    sizes: dict[str, list[int]] = {"off": [], "on": []}
    everything = replace(inputs[0][0], sections=[Section("world", tuple((n, 1) for n in stories))])
    for fragments in (plain, counting):
        page = render_digest(replace(everything, counted_in=1), stories, fragments, web_edition=True)
        prepare_message(page, 7, SENDER)
    for edition_id, of_edition in enumerate(inputs, start=2):
        for name, fragments in (("off", plain), ("on", counting)):
            started = time.process_time()
            for digest_input in of_edition:
                message = _prepare(replace(digest_input, counted_in=edition_id), stories, fragments)
                sizes[name].append(len(message.build([], SLOTS)))
            seconds[name] += time.process_time() - started
    digests = args.editions * args.digests
    figures = {
        **{f"prepared_per_s_{name}": round(digests / spent) for name, spent in seconds.items()},
        "more_time_percent": round(100 * (seconds["on"] / seconds["off"] - 1), 1),
        **{f"mean_octets_{name}": round(mean(octets)) for name, octets in sizes.items()},
        "redirects_per_cpu_s": _redirects(args.requests),
    }
    print(json.dumps({"benchmark": "counted links", **vars(args), **figures}))


def _prepare(
    digest_input: DigestInput, stories: dict[int, ShownStory], fragments: Fragments
) -> PreparedMessage:
    return prepare_message(render_digest(digest_input, stories, fragments), 7, SENDER)


def _redirects(count: int) -> int:
    """Redirects that a process gives in a second of CPU time, while the broker does not answer."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_env(
            {"DATELINE_VAR": str(Path(folder) / "var"), "BASE_URL": SITE, "COUNT_OPENS": "1"}
        )
        app = create_app(settings)
        parts = app.extensions[EXTENSION_KEY]
        parts.db.upgrade()
        with parts.db.begin() as tx:
            source_id = sources.add(tx, f"{SITE}/feed.xml", "A source", NOW).id
            tx.execute(insert(Article), [_article(number, source_id) for number in range(1, ARTICLES + 1)])
        rng = random.Random(1)  # noqa: S311
        links = [CountedLink(rng.randint(1, ARTICLES), 1) for _ in range(count)]
        paths = [parts.counted_links.url(link).removeprefix(SITE) for link in links]
        client = app.test_client()
        client.get(paths[0], base_url=SITE, headers=BROWSER)
        started = time.process_time()
        for path in paths:
            assert client.get(path, base_url=SITE, headers=BROWSER).status_code == 302
        spent = time.process_time() - started
        parts.db.close()
    return round(count / spent)


def _article(number: int, source_id: int) -> dict[str, object]:
    return {
        "source_id": source_id, "url": f"https://example.net/{number}", "guid": str(number), "title": "A title",
        "published_at": START, "date_source": DateSource.PUBLISHED, "seen_at": START, "listed_at": START,
        "content_hash": "",
    }  # fmt: skip


if __name__ == "__main__":
    main()
