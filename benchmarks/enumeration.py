"""Whether the time of an answer reveals who subscribes, at the sign-up form and at the form for a link.

Sends each form 300 times with the address of a subscriber and 300 times with an unknown one, in random order, and
prints a JSON line for each form: the medians in ms, their difference, and how often a resampled difference (bootstrap,
2,000 draws) is beyond 0.3 ms. With `--clock cpu` it measures processor time, which other work disturbs less. The
application runs on a SQLite database of its own, with many subscribers.

Example: python -m benchmarks.enumeration --requests 300 --subscribers 5000
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from digest import broker
from digest.app import create_app
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
from digest.subscribers import lifecycle
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.subscription import Subscription

FORMS: Mapping[str, Mapping[str, str]] = {
    "/": {"regions": "ge", "cadence": "daily", "weekday": "0", "time": "07:00", "zone": "Asia/Tbilisi"},
    "/link": {},
}
CLOCKS: Mapping[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.thread_time}
DRAWS = 2_000
LIMIT = 0.3  # ms


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=300, help="of each form, known and unknown each")
    parser.add_argument("--subscribers", type=int, default=5_000)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _broker(Path(folder)):
        app = _application(Path(folder), args.subscribers)
        for form in FORMS:
            times = _measure(app, form, args)
            figures = {"form": form, "clock": args.clock, **_describe(times)}
            print(json.dumps({"benchmark": "enumeration", **figures}))


@contextmanager
def _broker(folder: Path) -> Iterator[None]:
    """The embedded broker, as on a trial site."""
    with subprocess.Popen(broker.broker_command(folder)) as server:
        while not broker.socket_path(folder).exists():
            time.sleep(0.05)
        try:
            yield
        finally:
            server.terminate()


def _application(folder: Path, subscribers: int) -> Flask:
    environment = {"DATELINE_VAR": str(folder), "BASE_URL": "http://127.0.0.1:8000"}
    app = create_app(Settings.from_env(environment))
    app.config.update(WTF_CSRF_ENABLED=False)
    parts: Parts = app.extensions[EXTENSION_KEY]
    parts.db.upgrade()
    with parts.db.begin() as tx:
        addresses = [parse_address(f"reader{number}@example.com") for number in range(subscribers)]
        newcomers = dict.fromkeys(addresses, Subscription(("ge",)))
        lifecycle.add_confirmed(tx, newcomers, wording="benchmark", now=parts.clock())
    return app


def _measure(app: Flask, form: str, args: argparse.Namespace) -> Mapping[str, list[float]]:
    """Milliseconds of each request, known and unknown in random order."""
    kinds = ["known", "unknown"] * args.requests
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    random.shuffle(kinds)
    client, clock = app.test_client(), CLOCKS[args.clock]
    for number, kind in enumerate(kinds):
        name = f"reader{random.randrange(args.subscribers)}" if kind == "known" else f"nobody{number}"  # noqa: S311
        data = {**FORMS[form], "email": f"{name}@example.com"}
        network = {
            "REMOTE_ADDR": f"10.{number // 250}.{number % 250}.1"
        }  # each its own, because of the limits
        started = clock()
        answer = client.post(form, data=data, base_url="http://127.0.0.1:8000", environ_base=network)
        times[kind].append(1000 * (clock() - started))
        assert answer.status_code == 303, answer.text
    return times


def _describe(times: Mapping[str, list[float]]) -> dict[str, object]:
    difference = statistics.median(times["known"]) - statistics.median(times["unknown"])
    drawn = [
        statistics.median(random.choices(times["known"], k=len(times["known"])))  # noqa: S311
        - statistics.median(random.choices(times["unknown"], k=len(times["unknown"])))  # noqa: S311
        for _ in range(DRAWS)
    ]
    return {
        "known_ms": round(statistics.median(times["known"]), 3),
        "unknown_ms": round(statistics.median(times["unknown"]), 3),
        "difference_ms": round(difference, 3),
        "beyond_limit": round(sum(abs(value) > LIMIT for value in drawn) / DRAWS, 3),
        "load": round(os.getloadavg()[0], 2),
    }


if __name__ == "__main__":
    main()
