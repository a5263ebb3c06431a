"""Excludes words for a country, or no longer does, and tags the articles again that no digest has had."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.articles.models import Article
from digest.articles.store import articles as article_store
from digest.articles.store import desk
from digest.articles.store import exclusions as store
from digest.articles.store.articles import TaggedArticle
from digest.database import Database, Tx
from digest.errors import InvalidInputError, NewsroomText, NotFoundError
from digest.regions import known_exclusions as exclusions
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.models import TagExclusion
from digest.regions.pure.exclusions import BaseForm, Exclusion, Exclusions, text_filter
from digest.regions.pure.tagger import Tagger
from digest.regions.pure.text_folding import lookup_key
from digest.regions.store import exclusions as exclusion_store
from digest.sources.store import sources

OPEN_FOR = timedelta(days=8)  # a digest can still have stories of the last week
# Articles that one transaction looks at: an editor and polls wait for it, some 50 ms if all have the words.
BATCH_SIZE = 100


@dataclass(frozen=True, slots=True)
class ExclusionChange:
    """What a change of the exclusions did: how many articles were tagged again, and how many open ones were not yet."""

    exclusion: TagExclusion
    tagged: int
    untagged: int = 0


def add(
    db: Database,
    tagger: Tagger,
    wanted: Exclusion,
    author: ChangeAuthor,
    *,
    article_id: int | None = None,
) -> ExclusionChange:
    """Exclude words for a country; the id of `wanted` does not matter. It applies to what is tagged from now on.

    With `article_id` the words must be taken for the country in that article, which is tagged again unless an editor
    chose its countries. Of the other open articles, the newest are; `tag_all_waiting` does the rest. Raises
    InvalidInputError and ConflictError if they can't be excluded, and NotFoundError.
    """
    wanted = replace(wanted, words=exclusions.clean_words(wanted.words))
    with db.begin() as tx:
        article_store.lock_ingest(tx)  # an article that is written later is tagged with this exclusion
        article = None if article_id is None else article_store.by_id(tx, article_id)
        wanted = replace(wanted, base=_base_form(tagger, wanted, article))
        exclusions.check_allowed(wanted.words, wanted.country, wanted.source_id, wanted.base)
        if wanted.source_id is not None:
            sources.by_id(tx, wanted.source_id)
        exclusions.check_new(tx, wanted.words, wanted.country, wanted.source_id)
        if article is not None:
            _check_taken_for(tx, tagger, wanted, article)
        row = exclusion_store.add(tx, wanted, by=author.email, now=author.at)
        here = [] if article is None else _tag_again(tx, tagger, [article], author.at)
    change = tag_open_articles(db, tagger, row.id, author.at, tagged_already=here)
    return replace(change, tagged=change.tagged + len(here))


def tag_open_articles(
    db: Database, tagger: Tagger, exclusion_id: int, now: datetime, *, tagged_already: Collection[int] = ()
) -> ExclusionChange:
    """Tag open articles again that may have the words of an exclusion, of BATCH_SIZE that were not looked at yet.

    Open articles are those of the last days that no digest has had. Raises NotFoundError.
    """
    with db.begin() as tx:
        article_store.lock_ingest(tx)
        row = exclusion_store.by_id(tx, exclusion_id)
        if row.untagged_below is None:
            return ExclusionChange(row, 0)
        found = _open_articles(tx, row, now, below=row.untagged_below)
        (exclusion,) = (e for e in exclusion_store.all_exclusions(tx) if e.id == exclusion_id)
        can_have = text_filter(exclusion)
        ids = {one.id for one in found if can_have(f"{one.title}\n{one.text}")} - set(tagged_already)
        tagged = _tag_again(tx, tagger, desk.articles_by_id(tx, ids), now)
        row.untagged_below = found[-1].id if len(found) == BATCH_SIZE else None
        return ExclusionChange(row, len(tagged), count_untagged(tx, row, now))


def tag_all_waiting(db: Database, tagger: Tagger, now: datetime) -> int:
    """Tag all articles again that wait for it because exclusions were added or removed. Returns how many changed."""
    with db.read() as tx:
        unfinished = exclusion_store.not_applied_to_all(tx)
        is_waiting = store.count_waiting(tx) > 0
    tagged = 0
    for exclusion_id in unfinished:
        with suppress(NotFoundError):  # it was removed meanwhile
            while (change := tag_open_articles(db, tagger, exclusion_id, now)).untagged:
                tagged += change.tagged
            tagged += change.tagged
    while is_waiting:
        changed, is_waiting = _tag_waiting(db, tagger, now)
        tagged += changed
    return tagged


def count_untagged(tx: Tx, row: TagExclusion, now: datetime) -> int:
    """How many open articles about the country were not looked at since the words were excluded."""
    if row.untagged_below is None:
        return 0
    since = now - OPEN_FOR
    return store.count_open(tx, row.country, row.source_id, since, below=row.untagged_below)


def remove(
    db: Database, tagger: Tagger, exclusion_id: int, now: datetime, *, article_id: int | None = None
) -> ExclusionChange:
    """Let words mean a country again, and tag the open articles again in which they did not.

    The article with `article_id` is tagged again too, even if a digest has had it. Of the others, the newest are;
    `tag_all_waiting` does the rest. Raises NotFoundError.
    """
    with db.begin() as tx:
        article_store.lock_ingest(tx)
        row = exclusion_store.by_id(tx, exclusion_id)
        ids = set(store.open_uses(tx, exclusion_id, now - OPEN_FOR))
        exclusion_store.remove(tx, exclusion_id)
        chosen = [] if article_id is None else [article_id]
        here = _tag_again(tx, tagger, desk.articles_by_id(tx, chosen), now)
        store.let_wait(tx, ids - set(chosen))
    tagged, _ = _tag_waiting(db, tagger, now)
    with db.read() as tx:
        return ExclusionChange(row, len(here) + tagged, store.count_waiting(tx))


def automatic_tags(tx: Tx, tagger: Tagger, articles: Iterable[Article]) -> list[TaggedArticle]:
    """Articles with the tags that the tagger gives them, without the words that are excluded now."""
    articles, known = list(articles), exclusions.load(tx)
    homes = {source.id: source.home for source in sources.by_ids(tx, {one.source_id for one in articles})}
    tagged = []
    for article in articles:
        about = tagger.excluding(known.of_source(article.source_id)).tag_regions(
            article.title, article.text, home=homes[article.source_id] or None
        )
        tagged.append(TaggedArticle(article, about.countries, about.groups, about.exclusions))
    return tagged


def _open_articles(tx: Tx, row: TagExclusion, now: datetime, *, below: int) -> list[store.OpenArticle]:
    since = now - OPEN_FOR
    found = store.open_articles(tx, row.country, row.source_id, since, below=below, limit=BATCH_SIZE)
    return list(found)


def _base_form(tagger: Tagger, wanted: Exclusion, article: Article | None) -> BaseForm | None:
    title, text = (article.title, article.text) if article else (wanted.words, "")
    return tagger.base_form(wanted.words, wanted.country, title, text)


def _check_taken_for(tx: Tx, tagger: Tagger, wanted: Exclusion, article: Article) -> None:
    """Raise InvalidInputError unless the exclusion changes what the words mean in the article."""
    home = sources.by_id(tx, article.source_id).home or None
    alone = tagger.excluding(Exclusions([wanted]).of_source(article.source_id))
    if wanted.id in alone.tag_regions(article.title, article.text, home=home).exclusions:
        return
    if lookup_key(wanted.words) not in lookup_key(f"{article.title}\n{article.text}"):
        raise InvalidInputError(
            NewsroomText('This article does not have the words "%(words)s".', words=wanted.words)
        )
    raise InvalidInputError(
        NewsroomText(
            '"%(words)s" is not taken for this country here. Give the words that are, alone or with those around them.',
            words=wanted.words,
        )
    )


def _tag_waiting(db: Database, tagger: Tagger, now: datetime) -> tuple[int, bool]:
    """Tag the newest articles that wait for it. Returns how many this changed, and whether there may be more."""
    with db.begin() as tx:
        article_store.lock_ingest(tx)
        ids = store.take_waiting(tx, BATCH_SIZE)
        tagged = _tag_again(tx, tagger, desk.articles_by_id(tx, ids), now)
        return len(tagged), len(ids) == BATCH_SIZE


def _tag_again(tx: Tx, tagger: Tagger, articles: Iterable[Article], now: datetime) -> list[int]:
    """Tag the articles whose countries no editor chose. Returns the ids of those that this changed."""
    tagged = automatic_tags(tx, tagger, (one for one in articles if not one.retagged))
    changed = [one for one in tagged if _differs(one)]
    article_store.set_tags(tx, changed, now)
    changed_ids = {one.article.id for one in changed}
    store.set_uses(
        tx, {one.article.id: one.exclusions for one in tagged if one.article.id not in changed_ids}
    )
    return [one.article.id for one in changed]


def _differs(tagged: TaggedArticle) -> bool:
    """Whether an article is about other countries than before, or about the same ones for other words."""
    before = {
        tag.country: (tag.weight, [(item["where"], item["words"]) for item in tag.evidence])
        for tag in tagged.article.tags
    }
    after = {
        tag.country: (tag.weight, [(item.where, item.words) for item in tag.evidence]) for tag in tagged.tags
    }
    return before != after or {group.region for group in tagged.article.groups} != {
        tag.group for tag in tagged.groups
    }
