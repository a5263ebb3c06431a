"""The forms that have several fields."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from wtforms import (
    FloatField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange

from digest.admin.form_choices import country_choices
from digest.admin.form_fields import NewsroomForm, NumberField
from digest.admin.texts import translated
from digest.articles.pure.cleaning import EXCERPT_LENGTH
from digest.editions.pure.day_notes import MAX_NOTE_LENGTH
from digest.errors import InvalidInputError
from digest.sources.pure.folders import MAX_PATH_LENGTH, parse_folder
from digest.subscribers.pure.email_address import parse_address

MAX_ADDRESS_LENGTH = 2_000
MAX_SOURCE_WEIGHT = 4  # at 4, a story of this source alone ranks like one of fifteen sources of weight 1


class SourceForm(NewsroomForm):
    """The settings of a source."""

    url = StringField(
        __("Address"),
        [
            InputRequired(__("Enter an address.")),
            Length(max=MAX_ADDRESS_LENGTH, message=__("At most %(max)d characters.")),
        ],
    )
    title = StringField(__("Title"), [Length(max=200, message=__("At most %(max)d characters."))])
    home = SelectField(__("Home country"), choices=list)
    folder = StringField(
        __("Folder"), [Length(max=MAX_PATH_LENGTH, message=__("At most %(max)d characters."))]
    )
    attribution = StringField(
        __("Licence or credit"), [Length(max=200, message=__("At most %(max)d characters."))]
    )
    excerpt_length = NumberField(
        __("Length of excerpts"),
        [
            InputRequired(__("Enter a number.")),
            NumberRange(0, EXCERPT_LENGTH, __("From %(min)s to %(max)s characters.")),
        ],
    )
    weight = FloatField(
        __("Weight"),
        [
            InputRequired(__("Enter a number.")),
            NumberRange(0, MAX_SOURCE_WEIGHT, __("From %(min)s to %(max)s.")),
        ],
    )

    def validate_folder(self, field: StringField) -> None:
        """Check the path of the folder. It need not exist yet."""
        try:
            field.data = parse_folder(field.data or "")
        except InvalidInputError as error:
            raise ValidationError(translated(error)) from None

    def fill_country_choices(self) -> "SourceForm":
        """Fill the list of countries, in the language of the page. Returns the form."""
        self.home.choices = [("", _("none")), *country_choices()]
        return self


class ComposeForm(NewsroomForm):
    """The audience, time range and note of an edition. The regions are no field, because they are shown as a tree."""

    kind = RadioField(
        __("Audience"),
        choices=[
            ("due", __("Subscribers who are due now")),
            ("everyone", __("All active subscribers")),
            ("regions", __("Subscribers of certain regions")),
            ("address", __("One address, as a test")),
        ],
        default="due",
    )
    address = StringField(__("Address for the test"))
    hours = SelectField(
        __("News from"),
        choices=[
            (0, __("Everything since each subscriber’s last digest")),
            (6, __("Last 6 hours")),
            (24, __("Last day")),
            (7 * 24, __("Last week")),
        ],
        default=0,
        coerce=int,
    )
    note = TextAreaField(
        __("Introductory note"), [Length(max=MAX_NOTE_LENGTH, message=__("At most %(max)d characters."))]
    )

    def validate_address(self, field: StringField) -> None:
        """Check the address of a test. Other audiences need none."""
        if self.kind.data == "address":
            try:
                field.data = parse_address(field.data or "").email
            except InvalidInputError as error:
                raise ValidationError(translated(error)) from None
