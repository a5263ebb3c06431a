"""What opens are counted for."""

from enum import StrEnum


class Subject(StrEnum):
    """What a row of counts is about; the row's key names which."""

    STORY = "story"  # its id
    EDITION = "edition"  # its id
    REGION = "region"  # its slug: a story counts for each region that it is news for
    SOURCE = "source"  # its id: that of the article which was opened
    ALL = "all"  # every story; the key is ""
