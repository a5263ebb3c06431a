"""Counts the answers of mail servers by server, domain of the recipient, and outcome."""

from collections.abc import Callable

from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Outcome, Refused
from digest.mail.pure.session import Mail
from digest.monitoring.figures import Figures
from digest.monitoring.states import FigureName

# All domains but the big providers and those of DOMAIN_RATES are one: the others would be a series for each reader.
OTHER_DOMAINS = "other"


def count_outcomes(figures: Figures, domains: frozenset[str]) -> Callable[[str, Mail, Outcome], None]:
    """A function that counts an answer; the recipient's domain is named if it is one of `domains`."""

    def count(server: str, mail: Mail, outcome: Outcome) -> None:
        domain = mail.recipient.rpartition("@")[2].lower()
        figures.add(
            FigureName.ANSWERS,
            server=server,
            domain=domain if domain in domains else OTHER_DOMAINS,
            outcome=outcome_name(outcome),
        )
        figures.flush_if_due()

    return count


def outcome_name(outcome: Outcome) -> str:
    """The outcome as a label."""
    match outcome:
        case Accepted():
            return "accepted"
        case Deferred():
            return "deferred"
        case Refused():
            return "refused"
        case InDoubt():
            return "in_doubt"
