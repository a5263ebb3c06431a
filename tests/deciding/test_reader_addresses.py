"""What an e-mail address is to us."""

import pytest

from digest.errors import InvalidInputError
from digest.subscribers.pure.email_address import LONGEST, read_address


def test_an_address_is_kept_as_typed_and_known_by_its_folded_form() -> None:
    found = read_address(" Ann@Example.COM ")
    assert (found.email, found.key) == ("Ann@example.com", "ann@example.com")


@pytest.mark.parametrize("length", [LONGEST + 1, 1_000_000])
def test_a_text_longer_than_any_address_is_refused_before_it_is_looked_at(length: int) -> None:
    text = ("x@" + "." * length)[:length]
    with pytest.raises(InvalidInputError, match=f"it has {length} characters, and 254 is the most"):
        read_address(text)
