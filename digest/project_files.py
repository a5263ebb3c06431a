"""Where the files beside the package are: templates and migrations.

In a checkout they are folders beside `digest/`. A wheel has them inside the package, where the build puts them
(`tool.hatch.build.targets.wheel.force-include` in pyproject.toml).
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent  # the checkout; of an installed wheel, the folder that contains the package


def _find(name: str) -> Path:
    bundled = PACKAGE / name
    return bundled if bundled.exists() else ROOT / name


TEMPLATES = _find("templates")
MIGRATIONS = _find("migrations")
