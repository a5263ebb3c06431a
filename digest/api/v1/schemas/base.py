"""What all models of requests and answers share.

`defer_build`: a model is built when it is first used. Building all of them takes longer than starting any command.
"""

from datetime import UTC
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from digest.database import MAX_ROW_ID

RowId = Annotated[int, Field(ge=1, le=MAX_ROW_ID)]
CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2, or XK.")]
RegionSlug = Annotated[str, Field(min_length=2, max_length=40, description="As `GET /regions` lists them.")]
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class Body(BaseModel):
    """The body of a request; unknown fields are refused, and no value is converted to another type."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Answer(BaseModel):
    """The body of an answer."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class Done(Answer):
    """How many things a change was about."""

    count: int
