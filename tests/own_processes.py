"""The environment of processes that tests start: nothing of the one who runs the tests but what measures coverage."""

import os

from digest.project_files import ROOT


def own_environment(**values: str) -> dict[str, str]:
    """These values, a path to programs, and the modules of this working copy."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_PROCESS_")}
    return {"PATH": os.defpath, "PYTHONPATH": str(ROOT)} | measured | values
