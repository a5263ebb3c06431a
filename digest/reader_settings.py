"""The settings of what readers get and see, as a part of `Settings`."""

from dataclasses import dataclass

from digest import setting_values
from digest.own_addresses import NamedAddress, parse_mailbox
from digest.setting_values import flag, integer_between, kinds_of_articles, setting


@dataclass(frozen=True)
class ReaderSettings:
    """What readers get beside the daily digest, and where they may sign up."""

    first_digest: bool = setting(
        "FIRST_DIGEST",
        "Whether subscribers get their first digest at once when they confirm; never with REVIEW",
        flag,
        default=True,
    )
    welcome: str = setting(
        "WELCOME",
        "Text for new subscribers, above their first digest and on the page after confirming, in Markdown",
        default="",
    )
    publication_zone: str = setting(
        "PUBLICATION_ZONE",
        "Time zone of the publication: the notes of a day end at its midnight",
        setting_values.time_zone,
        default="UTC",
    )
    archive: bool = setting(
        "ARCHIVE", "Whether every region has a public page for each day", flag, default=True
    )
    embed_origins: frozenset[str] = setting(
        "EMBED_ORIGINS",
        "Sites that may show the sign-up form, by origin, comma-separated",
        setting_values.web_origins,
        default=frozenset(),
    )
    reply_to: NamedAddress | None = setting(
        "REPLY_TO",
        "Mailbox that somebody reads, to which answers to digests and letters go; unset: to MAIL_FROM",
        parse_mailbox,
        default=None,
    )
    images: bool = setting(
        "IMAGES", "Whether the first story of a digest shows the picture of its article", flag, default=False
    )
    count_opens: bool = setting(
        "COUNT_OPENS",
        "Whether it is counted how often each story is opened, without knowing by whom; readers are told",
        flag,
        default=False,
    )
    letters_per_hour: int = setting(
        "LETTERS_PER_HOUR",
        "Letters (confirmations and links) that all requests together may cause in an hour; 0: no limit",
        integer_between(0, 1_000_000),
        default=1_000,
    )
    default_kinds: frozenset[str] = setting(
        "DEFAULT_KINDS", "Kinds of articles shown beside hard news", kinds_of_articles, default=frozenset()
    )
