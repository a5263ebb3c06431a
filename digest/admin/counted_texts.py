"""Texts with a number, as the newsroom's templates write them: with separators of thousands."""

from typing import Any

from flask_babel import get_translations

from digest.admin.blueprint import bp
from digest.admin.template_filters import number


@bp.context_processor
def counted_texts() -> dict[str, Any]:
    """What these templates call instead of Flask-Babel's `ngettext`."""
    return {"ngettext": _ngettext}


def _ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    text: str = get_translations().ungettext(singular, plural, num)
    return text % {"num": number(num), **values}
