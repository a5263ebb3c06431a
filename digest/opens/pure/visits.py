"""Visits: a link was opened, by a visitor of whom nothing is known but a hash that lasts for a day."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# One network (a /64 of IPv6, a /32 of IPv4) counts as at most this many visitors of a story a day, however many
# programs it claims to use. So nobody makes a story popular by changing the name of a program.
VISITORS_OF_A_NETWORK = 32
# The bits of a day's filter: 4 MiB, whatever happens. After a million pairs of visitor and article it takes 1 new pair
# of 20,000 for one that it has seen, after five million 1 of 25 (`tests/opens/test_visits.py`).
FILTER_BITS = 2**25
FILTER_HASHES = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """An article was opened from an edition, `times` times by one visitor."""

    at: int  # milliseconds since 1970
    visitor: str  # "" for a machine
    article_id: int
    edition_id: int
    is_machine: bool
    times: int = 1

    @property
    def day(self) -> str:
        """The UTC day."""
        return datetime.fromtimestamp(self.at / 1000, UTC).date().isoformat()

    @property
    def week(self) -> str:
        """The Monday of its week, in UTC."""
        day = datetime.fromtimestamp(self.at / 1000, UTC).date()
        return (day - timedelta(days=day.weekday())).isoformat()

    def encode(self) -> str:
        """As the broker keeps it."""
        fields = (
            self.at,
            self.visitor or "-",
            self.article_id,
            self.edition_id,
            int(self.is_machine),
            self.times,
        )
        return " ".join(map(str, fields))

    @classmethod
    def decode(cls, text: str) -> "Visit":
        """The inverse of `encode`."""
        at, visitor, article_id, edition_id, is_machine, times = text.split(" ")
        return cls(
            int(at), visitor.strip("-"), int(article_id), int(edition_id), is_machine == "1", int(times)
        )


def hash_visitor(salt: bytes, network: str, agent: str) -> str:
    """Who opened a link, as nobody can find out without the day's salt: of the network, and of the program's name."""
    agent_hash = hashlib.blake2b(agent.encode(errors="replace"), key=salt, digest_size=8).digest()
    place = int.from_bytes(agent_hash) % VISITORS_OF_A_NETWORK
    return hashlib.blake2b(f"{network} {place}".encode(), key=salt, digest_size=8).hexdigest()


def filter_places(visitor: str, article_id: int, bits: int = FILTER_BITS) -> tuple[int, ...]:
    """The bits that say that a visitor has opened an article today (a Bloom filter)."""
    octets = hashlib.blake2b(f"{visitor} {article_id}".encode(), digest_size=8 * FILTER_HASHES).digest()
    return tuple(int.from_bytes(octets[n : n + 8]) % bits for n in range(0, len(octets), 8))
