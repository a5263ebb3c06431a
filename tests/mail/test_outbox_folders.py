"""The outbox's folder, which web and worker make at the same moment when a site starts for the first time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from digest.mail.outbox import OutboxRelay


def test_processes_that_start_together_may_all_make_the_outbox(tmp_path: Path) -> None:
    for number in range(20):
        together = Barrier(8)

        def start(path: Path, together: Barrier = together) -> OutboxRelay:
            together.wait()
            return OutboxRelay(path)

        with ThreadPoolExecutor(8) as pool:
            assert len(list(pool.map(start, [tmp_path / str(number) / "outbox"] * 8))) == 8
    assert {folder.name for folder in (tmp_path / "0" / "outbox").iterdir()} == {"tmp", "new", "cur"}
