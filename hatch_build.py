"""Puts the files that lie beside the package into the wheel, where `digest/project_files.py` looks for them."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BESIDE_THE_PACKAGE = ("templates", "migrations", "alembic.ini", "Procfile")


class ProjectFiles(BuildHookInterface):  # type: ignore[type-arg]  # of the builder's configuration, which is not used
    """Adds the files. An editable install gets no copies, which would grow old: it reads the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel is written; `version` is "standard" or "editable"."""
        if version == "standard":
            build_data["force_include"] |= {name: f"digest/{name}" for name in BESIDE_THE_PACKAGE}
