"""The forms about accounts: sign-in, passwords, second factors, roles."""

from flask_babel import lazy_gettext as __
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from digest.accounts.passkeys import MAX_ANSWER_LENGTH, MAX_NAME_LENGTH
from digest.accounts.pure.passwords import LONGEST_CHECKED_PASSWORD, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from digest.accounts.states import Role
from digest.admin.form_fields import NewsroomForm

MAX_CODE_LENGTH = 40  # characters; a recovery code has 14 with its hyphens
ROLE_CHOICES = [
    (Role.VIEWER.value, __("viewer")),
    (Role.EDITOR.value, __("editor")),
    (Role.MANAGER.value, __("manager")),
    (Role.ADMIN.value, __("admin")),
]


class SignInForm(NewsroomForm):
    """Address and password. The page has one error for both, so it does not reveal which accounts exist."""

    email = EmailField(__("E-mail address"), [DataRequired(), Length(max=254)])
    password = PasswordField(__("Password"), [DataRequired(), Length(max=LONGEST_CHECKED_PASSWORD)])
    passkey = HiddenField()


class SecondStepForm(NewsroomForm):
    """A code of the authenticator app, a recovery code, or the answer of a passkey."""

    code = StringField(__("Code"))
    passkey = HiddenField()


class ChoosePasswordForm(NewsroomForm):
    """A new password, chosen by the link in a mail."""

    new = PasswordField(
        __("New password"),
        [Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH, __("At least %(min)d characters."))],
    )
    again = PasswordField(__("New password again"), [EqualTo("new", __("The passwords differ."))])


class PasswordForm(ChoosePasswordForm):
    """The current and the new password of an account."""

    current = PasswordField(__("Current password"), [DataRequired(__("Enter your current password."))])


class ForgottenForm(NewsroomForm):
    """The address of somebody who has lost their password."""

    email = EmailField(__("E-mail address"), [DataRequired(__("Enter an address.")), Length(max=254)])


class AppForm(NewsroomForm):
    """A code of the authenticator app that is being set up."""

    code = StringField(__("Code"), [DataRequired(__("Enter the code.")), Length(max=MAX_CODE_LENGTH)])


class PasskeyForm(NewsroomForm):
    """A new passkey: the browser's answer, and a name for the list."""

    name = StringField(__("Name"), [Length(max=MAX_NAME_LENGTH, message=__("At most %(max)d characters."))])
    passkey = HiddenField(None, [DataRequired(), Length(max=MAX_ANSWER_LENGTH)])


class AccountForm(NewsroomForm):
    """A new account."""

    email = EmailField(__("E-mail address"), [DataRequired(__("Enter an address."))])
    role = SelectField(__("Role"), choices=ROLE_CHOICES, default=Role.EDITOR.value)


class RoleForm(NewsroomForm):
    """Another role for an account."""

    role = SelectField(__("Role"), choices=ROLE_CHOICES)
