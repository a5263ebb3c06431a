"""The names of actions in the audit trail: stored in English, and translated where they are shown."""

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext as __

# Some are followed by a detail: "kind of article chosen: sport". Commands are stored as they were typed.
NAMES: Mapping[str, object] = {
    "article removed from story": __("article removed from story"),
    "article retagged": __("article retagged"),
    "automatic tags restored": __("automatic tags restored"),
    "automatic kind restored": __("automatic kind restored"),
    "kind of article chosen": __("kind of article chosen"),
    "kind of story chosen": __("kind of story chosen"),
    "kind of story restored": __("kind of story restored"),
    "tags of story restored": __("tags of story restored"),
    "story hidden": __("story hidden"),
    "story unhidden": __("story unhidden"),
    "story pinned": __("story pinned"),
    "story unpinned": __("story unpinned"),
    "story reviewed": __("story reviewed"),
    "story unreviewed": __("story unreviewed"),
    "story retagged": __("story retagged"),
    "pins restored": __("pins restored"),
    "stories merged": __("stories merged"),
    "stories unmerged": __("stories unmerged"),
    "note of the day changed": __("note of the day changed"),
    "edition drafted": __("edition drafted"),
    "edition frozen": __("edition frozen"),
    "edition returned to draft": __("edition returned to draft"),
    "edition scheduled": __("edition scheduled"),
    "edition unscheduled": __("edition unscheduled"),
    "edition sent": __("edition sent"),
    "edition paused": __("edition paused"),
    "edition resumed": __("edition resumed"),
    "edition cancelled": __("edition cancelled"),
    "edition rate limited": __("edition rate limited"),
    "scheduled edition sent": __("scheduled edition sent"),
    "scheduled edition not sent": __("scheduled edition not sent"),
    "test sent": __("test sent"),
    "source added": __("source added"),
    "sources imported": __("sources imported"),
    "sources moved": __("sources moved"),
    "sources moved back": __("sources moved back"),
    "folder renamed": __("folder renamed"),
    "source changed": __("source changed"),
    "source polled": __("source polled"),
    "source started": __("source started"),
    "source stopped": __("source stopped"),
    "source deleted": __("source deleted"),
    "held articles": __("held articles"),
    "group added": __("group added"),
    "group changed": __("group changed"),
    "group retired": __("group retired"),
    "group restored": __("group restored"),
    "group change undone": __("group change undone"),
    "group reset": __("group reset"),
    "subscriber added": __("subscriber added"),
    "subscribers added": __("subscribers added"),
    "subscriber asked": __("subscriber asked"),
    "new address asked": __("new address asked"),
    "subscriber changed": __("subscriber changed"),
    "subscriber unsubscribed": __("subscriber unsubscribed"),
    "subscriber erased": __("subscriber erased"),
    "subscribers changed": __("subscribers changed"),
    "subscribers exported": __("subscribers exported"),
    "link sent": __("link sent"),
    "address suppressed": __("address suppressed"),
    "addresses suppressed": __("addresses suppressed"),
    "suppression removed": __("suppression removed"),
    "suppressions exported": __("suppressions exported"),
    "webhook added": __("webhook added"),
    "webhook enabled": __("webhook enabled"),
    "webhook disabled": __("webhook disabled"),
    "webhook message posted again": __("webhook message posted again"),
    "webhook removed": __("webhook removed"),
    "alerts": __("alerts"),
    "own time zone chosen": __("own time zone chosen"),
    "own language chosen": __("own language chosen"),
    "backups confirmed": __("backups confirmed"),
    "audit trail exported": __("audit trail exported"),
    "signed in": __("signed in"),
    "sign in failed": __("sign in failed"),
    "sign in delayed": __("sign in delayed"),
    "second factor failed": __("second factor failed"),
    "signed out": __("signed out"),
    "identity confirmed": __("identity confirmed"),
    "confirmation failed": __("confirmation failed"),
    "password changed": __("password changed"),
    "reset requested": __("reset requested"),
    "second factor added": __("second factor added"),
    "second factor removed": __("second factor removed"),
    "recovery code used": __("recovery code used"),
    "created": __("created"),
    "role changed": __("role changed"),
    "closed": __("closed"),
    "reopened": __("reopened"),
    "revoked": __("revoked"),
    "denied": __("denied"),
}
# What the targets of actions begin with: "article 7, story 3".
THINGS: Mapping[str, object] = {
    "article": __("article"),
    "edition": __("edition"),
    "new story": __("new story"),
    "region": __("region"),
    "source": __("source"),
    "story": __("story"),
    "subscriber": __("subscriber"),
}
THING = re.compile(rf"(?:(?<=^)|(?<=, ))({'|'.join(THINGS)}) (?=\w)")


def action_name(action: str) -> str:
    """The name of an action in the language of the page; the stored one if it has none."""
    name, colon, detail = action.partition(": ")
    return f"{NAMES.get(name, name)}{colon}{detail}"


def target_name(target: str) -> str:
    """What an action was about in the language of the page; values stay as they were stored."""
    return THING.sub(lambda found: f"{THINGS[found[1]]} ", target)
