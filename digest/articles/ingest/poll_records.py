"""What the history of a source keeps of each kind of poll."""

from http import HTTPStatus

from digest.articles.ingest.article_upsert import UpsertCounts
from digest.sources.http.results import Fetched, FetchFailed, NotModified
from digest.sources.pure.entries import ParsedSource
from digest.sources.states import PollOutcome
from digest.sources.store.polls import Poll


def unchanged_poll(answer: NotModified | Fetched) -> Poll:
    """A poll that found the document of the poll before."""
    if isinstance(answer, NotModified):
        return Poll(PollOutcome.UNCHANGED, HTTPStatus.NOT_MODIFIED, seconds=answer.seconds)
    size = answer.spooled_body.size
    return Poll(PollOutcome.UNCHANGED, answer.status, seconds=answer.seconds, size=size)


def failed_poll(answer: FetchFailed) -> Poll:
    """A poll without a document."""
    return Poll(PollOutcome.FAILED, answer.status or 0, answer.reason, answer.seconds)


def unreadable_poll(answer: Fetched | None, reason: str) -> Poll:
    """A poll whose document could not be read, or that hit an error of ours before it had one."""
    if answer is None:
        return Poll(PollOutcome.FAILED, error=reason)
    return Poll(PollOutcome.FAILED, answer.status, reason, answer.seconds, answer.spooled_body.size)


def read_poll(answer: Fetched, parsed: ParsedSource, counts: UpsertCounts) -> Poll:
    """A poll whose document was read."""
    return Poll(
        PollOutcome.READ,
        answer.status,
        seconds=answer.seconds,
        size=answer.spooled_body.size,
        entries=len(parsed.entries),
        new=counts.new,
        changed=counts.updated,
        held=counts.held,
    )
