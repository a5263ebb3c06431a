"""The merge of a form, of what is stored and of what was typed: no value is replaced that the form did not show."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from digest.admin.pure.three_way import canonical, merge, read_shown, write_shown

FIELDS = ("title", "text", "kinds")
EDITORS = st.integers(0, 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("two\r\nlines \r\n", "two\nlines"),
        (None, ""),
        (1, 1.0),
        (False, ""),
        (("kz", "uz"), "kz uz"),
        (frozenset({"uz", "kz"}), ["kz", "uz"]),
    ],
)
def test_values_that_say_the_same_have_one_fingerprint(one: object, other: object) -> None:
    assert canonical(one) == canonical(other)
    assert write_shown({"a": one}) == write_shown({"a": other})


def test_a_page_from_before_an_upgrade_still_compares() -> None:
    assert write_shown({"title": "Astana", "home": None}) == "title:5b40720d276547cb home:e3b0c44298fc1c14"


def test_the_order_of_a_list_and_the_case_of_a_text_count() -> None:
    assert canonical(["kz", "uz"]) != canonical(["uz", "kz"])
    assert canonical("Georgia") != canonical("georgia")


@pytest.mark.parametrize(
    "text", ["", "title", "title:", "title:short", ":0123456789abcdef0", "a:b:c " * 9_000]
)
def test_what_is_no_fingerprint_is_as_if_the_form_had_not_shown_it(text: str) -> None:
    merged = merge(read_shown(text), {"title": "theirs"}, {"title": "mine"})
    assert (merged.values, merged.conflicts, merged.theirs) == ({"title": "mine"}, (), ())


def test_fields_that_only_one_has_changed_are_merged() -> None:
    shown = read_shown(write_shown({"title": "a", "text": "b", "kinds": "c"}))
    stored, typed = {"title": "A", "text": "b", "kinds": "c"}, {"title": "a", "text": "B", "kinds": "c"}
    merged = merge(shown, stored, typed)
    assert merged.values == {"title": "A", "text": "B", "kinds": "c"}
    assert (merged.conflicts, merged.theirs) == ((), ("title",))


def test_both_may_type_the_same() -> None:
    shown = read_shown(write_shown({"title": "a"}))
    assert merge(shown, {"title": "b"}, {"title": "b"}).conflicts == ()
    assert merge(shown, {"title": "b"}, {"title": "c"}).conflicts == ("title",)


def test_a_button_that_says_this_and_no_other_conflicts_with_any_change() -> None:
    shown = read_shown(write_shown({"kind": "news"}))
    assert merge(shown, {"kind": "sport"}, {"kind": "news"}, asserted=("kind",)).conflicts == ("kind",)
    assert merge(shown, {"kind": "sport"}, {"kind": "news"}).theirs == ("kind",)


class TwoEditors(RuleBasedStateMachine):
    """Two editors open, fill and save one form in any order. `saw` is what each form says that it showed."""

    def __init__(self) -> None:
        super().__init__()
        self.stored = dict.fromkeys(FIELDS, "")
        self.shown: list[dict[str, str] | None] = [None, None]
        self.saw: list[dict[str, str]] = [{}, {}]
        self.typed: list[dict[str, str]] = [{}, {}]

    @rule(editor=EDITORS)
    def open(self, editor: int) -> None:
        self._show(editor, self.stored)

    @rule(editor=EDITORS, name=st.sampled_from(FIELDS), text=st.sampled_from("abc"))
    def type(self, editor: int, name: str, text: str) -> None:
        if self.shown[editor] is not None:
            self.typed[editor][name] = text

    @precondition(lambda self: any(self.shown))
    @rule(editor=EDITORS)
    def save(self, editor: int) -> None:
        shown, before = self.shown[editor], dict(self.stored)
        if shown is None:
            return
        merged = merge(shown, before, self.typed[editor])
        mine = {name for name in FIELDS if self.typed[editor][name] != self.saw[editor][name]}
        if merged.conflicts:
            for name in merged.conflicts:
                assert name in mine
                assert merged.values[name] == self.typed[editor][name]
        else:
            self.stored = dict(merged.values)
            for name in FIELDS:
                # What is replaced was on the screen of who replaces it, and what was typed is stored.
                assert self.stored[name] == before[name] or self.saw[editor][name] == before[name]
                assert name not in mine or self.stored[name] == self.typed[editor][name]
        self._show(editor, dict(merged.values))

    def _show(self, editor: int, values: dict[str, str]) -> None:
        """The form with these values; it compares with what is stored now, which it shows beside them."""
        self.shown[editor] = read_shown(write_shown(self.stored))
        self.saw[editor], self.typed[editor] = dict(self.stored), dict(values)


def test_no_order_of_saves_replaces_what_was_not_seen() -> None:
    run_state_machine_as_test(
        TwoEditors, settings=settings(max_examples=30, stateful_step_count=20, deadline=None)
    )
