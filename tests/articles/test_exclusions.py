"""Excluding words for a country: what is tagged again, what stays, and how every process learns of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from digest.articles import bulk_moderation, moderation
from digest.articles import exclusion_changes as exclusions
from digest.articles.bulk_moderation import PlacesBefore
from digest.articles.exclusion_changes import ExclusionChange
from digest.articles.ingest.source_poll import IngestContext, PollReport
from digest.articles.models import Article, ExclusionUse, Story
from digest.articles.store import exclusions as store
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.regions import gazetteer
from digest.regions import known_exclusions as rules
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.known_exclusions import KnownExclusions
from digest.regions.pure.exclusions import LONGEST_WORDS, Exclusion
from digest.regions.store import exclusions as rule_store
from digest.regions.tree.region_tree import RegionTree
from digest.sources.store import sources
from tests.articles.article_helpers import TakeIn, all_articles, all_stories, entry
from tests.articles.scripted_site import ScriptedSite
from tests.articles.test_poller import FEED, add_source
from tests.conftest import StoppedClock

TAGGER = gazetteer.tagger()
REFUSED = (
    (" \u202e\x00 ", "TR", "Type the words"),
    ("!!!", "TR", "Type the words"),
    ("x" * (LONGEST_WORDS + 1), "TR", "81 characters are too many"),
    ("Türkiye", "TR", "name of the country itself"),
    ("TURKIYE", "TR", "name of the country itself"),
    ("土耳其", "TR", "name of the country itself"),
    ("Turkey Creek", "TR", "does not have the words"),
    ("prize", "TR", "is not taken for this country"),
    ("Agri", "GE", "is not taken for this country"),
)


@dataclass
class Desk:
    """An editor who excludes words, and the articles of the database."""

    db: Database
    clock: StoppedClock
    take_in: TakeIn

    def add(self, *titles: str, source: str = "The Steppe Post") -> None:
        """Take in articles, each of a story of its own."""
        for number, title in enumerate(titles):
            address = f"https://{source[4:8].strip().lower()}.example/{number}"
            self.take_in(entry(title, guid=f"{source} {number}", link=address), source=source)

    def exclude(
        self, words: str, country: str = "TR", *, source: int | None = None, article: int | None = None
    ) -> ExclusionChange:
        author = ChangeAuthor("editor@example.org", self.clock())
        wanted = Exclusion(0, words, country, source)
        return exclusions.add(self.db, TAGGER, wanted, author, article_id=article)

    def remove(self, exclusion_id: int, *, article: int | None = None) -> ExclusionChange:
        return exclusions.remove(self.db, TAGGER, exclusion_id, self.clock(), article_id=article)

    def set_story(self, number: int, **values: Any) -> None:
        with self.db.begin() as tx:
            tx.execute(update(Story).where(Story.id == number).values(**values))

    @property
    def countries(self) -> list[str]:
        """Of each article."""
        return [" ".join(sorted(tag.country for tag in one.tags)) for one in all_articles(self.db)]

    @property
    def uses(self) -> list[tuple[int, int]]:
        """The articles to which exclusions applied."""
        with self.db.read() as tx:
            return sorted((row.article_id, row.exclusion_id) for row in tx.query(ExclusionUse))


@pytest.fixture
def desk(db: Database, clock: StoppedClock, take_in: TakeIn) -> Desk:
    return Desk(db, clock, take_in)


def test_open_articles_with_the_words_are_tagged_again_and_their_stories_follow(desk: Desk) -> None:
    desk.add("Agri wins the prize for tractors", "Ankara opens a bridge", "Agri and Ankara are far apart")
    before = [story.version for story in all_stories(desk.db)]
    change = desk.exclude("agri")
    assert (change.tagged, change.untagged, change.exclusion.words) == (2, 0, "agri")
    assert desk.countries == ["", "TR", "TR"]
    grown = [story.version - old for story, old in zip(all_stories(desk.db), before, strict=True)]
    assert grown == [1, 0, 1]
    evidence = all_articles(desk.db)[2].tags[0].evidence
    assert [item["words"] for item in evidence] == ["Ankara"]
    assert desk.uses == [(1, 1), (3, 1)]
    with desk.db.read() as tx:
        assert store.uses(tx, [1]) == {1: (2, desk.clock())}


def test_what_a_digest_has_had_what_is_old_and_what_an_editor_chose_stays(
    desk: Desk, tree: RegionTree
) -> None:
    desk.add("Agri wins a prize", "Old Agri sleeps", "Big Agri rises", "Here Agri grows", "Now Agri sinks")
    desk.set_story(1, sent_at=desk.clock())
    moderation.retag(desk.db, tree, 2, ["TR"], now=desk.clock())
    with desk.db.begin() as tx:
        long_ago = desk.clock() - exclusions.OPEN_FOR - timedelta(minutes=1)
        tx.execute(update(Article).where(Article.id == 3).values(seen_at=long_ago))
    with desk.db.begin() as tx:
        tx.execute(update(Article).where(Article.id == 5).values(state="flood", story_id=None))  # held
    assert desk.exclude("agri").tagged == 2
    assert desk.countries == ["TR", "TR", "TR", "", ""]
    assert desk.uses == [(4, 1), (5, 1)]


def test_the_article_at_hand_is_tagged_again_even_if_a_digest_has_had_it(desk: Desk) -> None:
    desk.add("Agri wins a prize")
    desk.set_story(1, sent_at=desk.clock())
    assert desk.exclude("agri", article=1).tagged == 1
    assert desk.countries == [""]
    change = desk.remove(1, article=1)
    assert (change.tagged, change.exclusion.country) == (1, "TR")
    assert desk.countries == ["TR"]


def test_removing_brings_the_country_back_as_news(desk: Desk) -> None:
    desk.add("Agri wins a prize", "Ankara opens a bridge")
    desk.exclude("agri")
    desk.clock.advance(hours=1)
    assert desk.remove(1).tagged == 1
    assert desk.countries == ["TR", "TR"]
    assert [one.tags[0].since for one in all_articles(desk.db)] == [desk.clock(), None]
    assert desk.uses == []
    with pytest.raises(NotFoundError, match="no exclusion 1"):
        desk.remove(1)


def test_words_of_one_source_count_in_others_and_go_with_the_source(desk: Desk) -> None:
    known = KnownExclusions()
    desk.add("Agri wins a prize in the first town")
    desk.add("Here Agri grows for its second harvest", source="The Quay")
    assert desk.exclude("agri", source=2).tagged == 1
    assert desk.countries == ["TR", ""]
    with desk.db.read() as tx:
        before = known.refresh(tx)
        assert known.refresh(tx) is before
    with desk.db.begin() as tx:
        sources.delete_source(tx, 2)
        assert known.refresh(tx) is not before
        assert rule_store.count(tx) == 0
    assert desk.uses == []


def test_every_process_sees_each_change_because_no_id_is_used_twice(desk: Desk) -> None:
    known, seen = KnownExclusions(), []
    for words in ("agri", "van"):
        change = desk.exclude(words)
        with desk.db.read() as tx:
            seen.append(known.refresh(tx))
        desk.remove(change.exclusion.id)
    assert change.exclusion.id == 2
    assert seen[0] is not seen[1]


def test_the_next_poll_of_any_process_tags_without_the_words(
    desk: Desk,
    site: ScriptedSite,
    poll: Callable[[int], PollReport],
    context: IngestContext,
) -> None:
    site.answer("/feed", body=FEED.replace("Kazakhstan opens", "Agri and Almaty open"))
    desk.exclude("agri")
    assert poll(add_source(desk.db, site.url("/feed"))).new == 1
    assert (desk.countries, desk.uses) == (["KZ"], [(1, 1)])
    with desk.db.read() as tx:
        assert context.exclusions.refresh(tx) is context.exclusions.current


def test_corrections_that_restore_the_tags_leave_excluded_words_out(desk: Desk, tree: RegionTree) -> None:
    desk.add("Agri wins a prize")
    moderation.retag(desk.db, tree, 1, ["TR"], now=desk.clock())
    desk.exclude("agri")
    moderation.reset_tags(desk.db, TAGGER, 1, desk.clock())
    assert (desk.countries, desk.uses) == ([""], [(1, 1)])
    moderation.retag(desk.db, tree, 1, ["TR"], now=desk.clock())
    assert desk.uses == []
    bulk_moderation.restore_places(
        desk.db, tree, TAGGER, [PlacesBefore(1, None)], chosen=["TR"], now=desk.clock()
    )
    assert (desk.countries, desk.uses) == ([""], [(1, 1)])


def test_other_forms_of_a_name_are_tagged_again_too(desk: Desk) -> None:
    desk.add("Над Анкарой выпал первый снег", "В Анкаре открыли новый большой мост")
    assert desk.countries == ["TR", "TR"]
    change = desk.exclude("Анкаре", article=2)
    assert (change.tagged, change.exclusion.base_text) == (2, "анкара")
    assert desk.countries == ["", ""]
    with pytest.raises(InvalidInputError, match="name of the country itself"):
        desk.exclude("Турции")


FIVE = ("Agri sings at home", "Big Agri walks", "Old Agri waits", "Here Agri reads", "Now Agri sells")


def test_more_articles_than_one_call_looks_at_wait_for_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusions, "BATCH_SIZE", 2)
    desk.add(*FIVE)
    change = desk.exclude("agri")
    assert (change.tagged, change.untagged) == (2, 3)
    assert desk.countries == ["TR", "TR", "TR", "", ""]
    for tagged, untagged in ((2, 1), (1, 0), (0, 0)):
        change = exclusions.tag_open_articles(desk.db, TAGGER, 1, desk.clock())
        assert (change.tagged, change.untagged) == (tagged, untagged)
    assert desk.countries == [""] * 5


def test_what_waits_is_tagged_by_the_task_and_removing_takes_all_of_it_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusions, "BATCH_SIZE", 2)
    desk.add(*FIVE)
    desk.exclude("agri", article=1)
    change = desk.remove(1, article=1)  # at once, before the task has done anything
    assert (change.tagged, change.untagged) == (3, 0)
    desk.exclude("agri")
    assert exclusions.tag_all_waiting(desk.db, TAGGER, desk.clock()) == 3
    assert desk.countries == [""] * 5
    change = desk.remove(2)
    assert (change.tagged, change.untagged) == (2, 3)
    assert desk.countries == ["", "", "", "TR", "TR"]
    desk.exclude("agri")  # once more, while three articles wait because the words were no longer excluded
    assert exclusions.tag_all_waiting(desk.db, TAGGER, desk.clock()) == 0
    assert desk.countries == [""] * 5
    desk.remove(3)
    assert exclusions.tag_all_waiting(desk.db, TAGGER, desk.clock()) == 3
    assert exclusions.tag_all_waiting(desk.db, TAGGER, desk.clock()) == 0
    assert desk.countries == ["TR"] * 5
    assert desk.uses == []


def test_words_that_would_do_nothing_or_too_much_are_refused(desk: Desk) -> None:
    desk.add("Agri wins a prize")
    for words, country, message in REFUSED:
        with pytest.raises(InvalidInputError, match=message):
            desk.exclude(words, country, article=1)
    with desk.db.read() as tx:
        assert rule_store.count(tx) == 0


def test_a_countrys_own_name_can_be_excluded_in_one_source(desk: Desk) -> None:
    desk.add("Turkey is eaten by families of the valley")
    assert desk.countries == ["TR"]
    desk.exclude("Turkey", "TR", source=1, article=1)
    assert desk.countries == [""]
    with pytest.raises(NotFoundError, match="no source 7"):
        desk.exclude("Turkey", "TR", source=7)


def test_the_same_words_are_refused_twice_and_more_than_the_limit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add("Rivers are high")
    desk.exclude("Agri", source=1)
    with pytest.raises(ConflictError, match=r"in this source already, by editor@example\.org"):
        desk.exclude("AGRI", source=1)
    desk.exclude("agri")  # for all sources is more
    for source in (None, 1):
        with pytest.raises(ConflictError, match="already"):
            desk.exclude("Ágri", source=source)
    desk.exclude("agri", "GE")
    monkeypatch.setattr(rules, "MOST_EXCLUSIONS", 3)
    with pytest.raises(ConflictError, match="There are 3 exclusions"):
        desk.exclude("Van")
