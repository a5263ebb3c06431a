"""The forms that have several fields."""

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

from digest.accounts.authentication import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from digest.accounts.states import Role
from digest.admin.form_choices import country_choices
from digest.admin.preview_query import MAX_NOTE_LENGTH
from digest.articles.pure.cleaning import EXCERPT_LENGTH
from digest.errors import InvalidInputError
from digest.subscribers.pure.email_address import parse_address

MAX_SOURCE_WEIGHT = 4  # at 4, a story of this source alone ranks like one of fifteen sources of weight 1


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Address and password. The page has one error for both, so it does not reveal which accounts exist."""

    email = EmailField(__("E-mail address"), [DataRequired(), Length(max=254)])
    password = PasswordField(__("Password"), [DataRequired(), Length(max=MAX_PASSWORD_LENGTH)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The current and the new password of an account."""

    current = PasswordField(__("Current password"), [DataRequired(__("Enter your current password."))])
    new = PasswordField(
        __("New password"),
        [Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH, __("At least %(min)d characters."))],
    )
    again = PasswordField(__("New password again"), [EqualTo("new", __("The passwords differ."))])


class SourceForm(FlaskForm):  # type: ignore[misc]
    """The settings of a source."""

    title = StringField(__("Title"), [Length(max=200, message=__("At most %(max)d characters."))])
    home = SelectField(__("Home country"), choices=list)
    attribution = StringField(
        __("Licence or credit"), [Length(max=200, message=__("At most %(max)d characters."))]
    )
    excerpt_length = IntegerField(
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

    def fill_country_choices(self) -> "SourceForm":
        """Fill the list of countries, in the language of the page. Returns the form."""
        self.home.choices = [("", _("none")), *country_choices()]
        return self


class ComposeForm(FlaskForm):  # type: ignore[misc]
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
                raise ValidationError(str(error)) from None


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A new account."""

    email = EmailField(__("E-mail address"), [DataRequired(__("Enter an address."))])
    role = SelectField(
        __("Role"), choices=[(Role.EDITOR.value, __("editor")), (Role.ADMIN.value, __("admin"))]
    )
