"""A real broker: the embedded broker, as `dateline up` starts it."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest import broker


@contextmanager
def running_broker() -> Iterator[str]:
    """Run the embedded broker; yields its URL for REDIS_URL."""
    with tempfile.TemporaryDirectory(prefix="dateline-broker-") as folder:
        path = broker.socket_path(Path(folder))
        with subprocess.Popen(broker.broker_command(Path(folder))) as process:
            try:
                for _ in range(200):
                    if path.exists():
                        break
                    time.sleep(0.05)
                yield f"redis+socket://{path}"
            finally:
                process.terminate()
