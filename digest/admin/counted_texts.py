"""Counted texts of the newsroom's templates: with separators of thousands."""

from typing import Any

from digest.admin.blueprint import bp
from digest.admin.numbers import ngettext


@bp.context_processor
def counted_texts() -> dict[str, Any]:
    """What these templates call instead of Flask-Babel's `ngettext`."""
    return {"ngettext": ngettext}
