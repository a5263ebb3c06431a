"""The sample news of the first minute: for whoever is trying it out, never for a real mail server."""

from dataclasses import replace

import pytest

from digest.deliveries.models import Delivery
from digest.parts import Parts
from digest.sample.welcome import sample_group
from digest.settings import Settings
from digest.sources.models import Source
from tests.cli.conftest import RunCommand


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, smtp_url="smtp://127.0.0.1:1")


def test_with_a_mail_server_no_sample_is_brought_and_nobody_invented_is_written_to(
    run: RunCommand, parts: Parts
) -> None:
    done = run(sample_group, "welcome")
    assert done.status == 0
    assert "SMTP_URL is set" in done.out
    with parts.db.read() as tx:
        assert not tx.query(Source).all()
        assert not tx.query(Delivery).all()
