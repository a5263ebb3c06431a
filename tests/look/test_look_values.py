"""What a file of a look may say: the limits of its texts, its colours, and what an error quotes."""

import pytest

from digest.look.pure.look import Look
from digest.look.pure.look_values import (
    MAX_LENGTHS,
    LookError,
    read_colour,
    read_look,
    read_masthead,
    read_words,
)

LIGHT_ONLY, DARK_ONLY = "#0f5c63", "#9fd8dd"  # can be read in one scheme alone


@pytest.mark.parametrize("name", MAX_LENGTHS)
def test_a_text_has_as_many_characters_as_there_is_room_for(name: str) -> None:
    room = MAX_LENGTHS[name]
    text = "x" * (room - len("@example.org")) + "@example.org" if name == "reply_to" else "x" * room
    if name != "reply_to":  # no mailbox is as long
        assert getattr(read_words({name: text}), name) == text
    with pytest.raises(LookError, match=f"At most {room} characters"):
        read_words({name: "x" + text})


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(LookError, match='"name" must be a text'):
        read_words({"name": 7})


def test_each_scheme_has_its_own_colour() -> None:
    look = read_look({"colour": LIGHT_ONLY, "dark_colour": DARK_ONLY}, ("en",), Look())
    assert (look.colour, look.dark_colour) == (LIGHT_ONLY, DARK_ONLY)
    with pytest.raises(LookError, match="contrast") as refused:
        read_look({"dark_colour": LIGHT_ONLY}, ("en",), Look())
    assert refused.value.field == "dark_colour"
    with pytest.raises(LookError, match="contrast"):
        read_look({"colour": DARK_ONLY}, ("en",), Look())


def test_errors_quote_the_beginning_of_what_was_given() -> None:
    with pytest.raises(LookError, match=r'"a{20}" is no colour'):
        read_colour("a" * 30, is_dark=False)
    with pytest.raises(LookError, match=r'"a{20}" is none of'):
        read_masthead("a" * 30)
    with pytest.raises(LookError, match=r'"a{20}" in "words" is no object'):
        read_look({"words": {"a" * 30: {}}}, ("en",), Look())
    with pytest.raises(LookError, match=r'"a{40}" is no value of "words"'):
        read_look({"words": {"en": {"a" * 50: ""}}}, ("en",), Look())
