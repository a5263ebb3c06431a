"""The tables of looks and their pictures."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, UtcDateTime


class LookVersion(Base):
    """What was saved as the look of the site. The newest row counts.

    Rows never change and are never deleted: editions refer to the look in which their mails are sent.
    """

    __tablename__ = "looks"

    id: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)  # words by language, colours, masthead, logo
    author: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LookPicture(Base):
    """A logo. Mails that were sent refer to its address, so a logo that was ever saved stays."""

    __tablename__ = "look_pictures"

    key: Mapped[str] = mapped_column(
        String(40), primary_key=True
    )  # hash of the content, and the file's ending
    media_type: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    is_transparent: Mapped[bool]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
