"""How the newsroom words the reasons for which a story stands where it stands."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from digest.admin.numbers import ngettext
from digest.editions.pure.ranking import Contribution, Reason

# By reason, its words for a number of sources, or for a place.
WORDS: Mapping[Reason, Callable[[int], str]] = {
    Reason.SOURCES: lambda n: ngettext("%(num)s independent source", "%(num)s independent sources", n),
    Reason.AGE: lambda _n: _("Age of the reports"),
    Reason.HOME: lambda n: ngettext("%(num)s reports from home", "%(num)s report from home", n),
    Reason.SUBSTANCE: lambda n: ngettext(
        "%(num)s explainer, light or routine report", "%(num)s explainers, light or routine reports", n
    ),
    Reason.STANDING: lambda _n: _("Standing and weight of the sources"),
    Reason.POSITION: lambda n: _("Place %(number)s in the order of a source", number=n),
    Reason.FOLLOW_UPS: lambda n: ngettext(
        "%(num)s follow-up of its sources", "%(num)s follow-ups of its sources", n
    ),
    Reason.AFFAIR: lambda n: ngettext(
        "%(num)s more on the same affair", "%(num)s more on the same affair", n
    ),
    Reason.CENTRALITY: lambda _n: _("How much it is about the region"),
    Reason.DIVERSITY: lambda _n: _("Likeness and variety"),
    Reason.PIN: lambda _n: _("Pinned"),
}


def reason(contribution: Contribution) -> str:
    """A reason in words, with its number where it has one."""
    return WORDS[contribution.reason](contribution.number)
