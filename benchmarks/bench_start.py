"""The start of `dateline up` with fresh data: seconds until it is ready, processor time and memory of its processes.

Example: python -m benchmarks.bench_start --beside ../other-checkout
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from digest.project_files import ROOT

MARK = "DATELINE_BENCHMARK"  # a variable in the environment of the processes that are measured
TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """What a start took."""

    wall: float  # seconds until "Dateline is ready"
    processor: float  # seconds of all its processes, until a second later
    memory: float  # MB; a page that n processes share counts as 1/n for each


def main() -> None:
    """Start each checkout in turn, and print what each start took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--beside", type=Path, help="another checkout to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8195)
    options = parser.parse_args()
    for _ in range(options.rounds):
        for checkout in filter(None, (options.beside, ROOT)):
            cost = start(checkout.resolve(), options.port)
            print(
                f"{checkout.resolve().name}: ready after {cost.wall:.1f} s, {cost.processor:.1f} s of processor time, "
                f"{cost.memory:.0f} MB; load {os.getloadavg()[0]:.0f}"
            )


def start(checkout: Path, port: int) -> Cost:
    """Run `dateline up` of a checkout until it is ready and a second more."""
    command = [sys.executable, "-c", "from digest.app import main; main()", "up", "--port", str(port)]
    with tempfile.TemporaryDirectory() as var:
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(checkout), "DATELINE_VAR": var, MARK: var}
        began = time.monotonic()
        with subprocess.Popen(command, cwd=checkout, env=own, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            any("Dateline is ready" in line for line in process.stdout)
            wall = time.monotonic() - began
            time.sleep(1)
            cost = Cost(wall, *_cost_of_processes(f"{MARK}={var}".encode()))
            process.send_signal(signal.SIGINT)
            process.communicate()
    return cost


def _cost_of_processes(mark: bytes) -> tuple[float, float]:
    processor = memory = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes():
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                processor += (
                    sum(map(int, fields[11:15])) / TICKS
                )  # its own, and that of children that have ended
                if found := re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE):
                    memory += int(found[1]) / 1024
    return processor, memory


if __name__ == "__main__":
    main()
