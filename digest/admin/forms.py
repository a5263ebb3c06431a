"""The forms with several fields."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    FloatField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, NumberRange

from digest.accounts.authentication import LONGEST, SHORTEST
from digest.admin.form_choices import countries
from digest.articles.pure.cleaning import EXCERPT
from digest.errors import InvalidInputError
from digest.subscribers.pure.email_address import read_address

MOST_WEIGHT = 4  # lifts a source's stories over those that fifteen sources report
LONGEST_NOTE = 1_000  # characters; a note is a paragraph or two above the news


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Address and password. What is wrong with them is never said field by field."""

    email = EmailField(__("E-mail address"), [DataRequired(), Length(max=254)])
    password = PasswordField(__("Password"), [DataRequired(), Length(max=LONGEST)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password of one's own."""

    current = PasswordField(__("Current password"), [DataRequired(__("Give the password you have now."))])
    new = PasswordField(__("New password"), [Length(SHORTEST, LONGEST, __("At least %(min)d characters."))])
    again = PasswordField(__("New password again"), [EqualTo("new", __("The two are not the same."))])


class SourceForm(FlaskForm):  # type: ignore[misc]
    """What an editor may say of a source."""

    title = StringField(__("Title"), [Length(max=200, message=__("At most %(max)d characters."))])
    home = SelectField(__("Home country"), choices=list)
    attribution = StringField(
        __("Licence or credit"), [Length(max=200, message=__("At most %(max)d characters."))]
    )
    excerpt_length = IntegerField(
        __("Length of excerpts"),
        [
            InputRequired(__("Give a number.")),
            NumberRange(0, EXCERPT, __("From %(min)s to %(max)s characters.")),
        ],
    )
    weight = FloatField(
        __("Weight"),
        [InputRequired(__("Give a number.")), NumberRange(0, MOST_WEIGHT, __("From %(min)s to %(max)s."))],
    )

    def offer_countries(self) -> "SourceForm":
        """Fill the list of countries in the language of the page."""
        self.home.choices = [("", _("none")), *countries()]
        return self


class ComposeForm(FlaskForm):  # type: ignore[misc]
    """Whom to send to, and what to say on top. The regions are read apart: they are a tree."""

    kind = RadioField(
        __("To whom"),
        choices=[
            ("due", __("Readers who are due now")),
            ("everyone", __("All active readers")),
            ("regions", __("Readers of certain regions")),
            ("address", __("One address, as a test")),
        ],
        default="due",
    )
    address = StringField(__("Address for the test"))
    hours = SelectField(
        __("Which news"),
        choices=[
            (0, __("Everything since each reader’s last digest")),
            (6, __("Of the last 6 hours")),
            (24, __("Of the last day")),
            (168, __("Of the last week")),
        ],
        default=0,
        coerce=int,
    )
    note = TextAreaField(
        __("Note on top"), [Length(max=LONGEST_NOTE, message=__("At most %(max)d characters."))]
    )

    def validate_address(self, field: StringField) -> None:
        """Only a test needs an address."""
        if self.kind.data == "address":
            try:
                field.data = read_address(field.data or "").email
            except InvalidInputError as error:
                raise ValidationError(str(error)) from None


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A new account."""

    email = EmailField(__("E-mail address"), [DataRequired(__("Give an address."))])
    role = SelectField(__("Role"), choices=[("editor", __("editor")), ("admin", __("admin"))])
