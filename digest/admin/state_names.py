"""The names of states in the newsroom's words. Each is translated only where it is shown."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as __

NAMES: Mapping[str, object] = {
    "review": __("open for review"),
    "held": __("on hold"),
    "draft": __("draft"),
    "freezing": __("freezing"),
    "frozen": __("frozen"),
    "planning": __("planning"),
    "sending": __("sending"),
    "sent": __("sent"),
    "cancelled": __("cancelled"),
    "planned": __("pending"),
    "accepted": __("accepted"),
    "refused": __("refused"),
    "expired": __("expired"),
    "in_doubt": __("in doubt"),
    "skipped": __("skipped"),
    "closed": __("closed"),
    "pending": __("unconfirmed"),
    "active": __("active"),
    "paused": __("paused"),
    "suppressed": __("suppressed"),
    "unsubscribed": __("unsubscribed"),
    "checking": __("being checked"),
    "checked": __("checked"),
    "running": __("running"),
    "done": __("done"),
    "failed": __("broken off"),
    "undoing": __("being undone"),
    "undone": __("undone"),
}


def state_name(name: str) -> str:
    """The name of a state of a subscriber, import, account, edition, delivery or letter; else the state itself."""
    return str(NAMES.get(str(name), name))
