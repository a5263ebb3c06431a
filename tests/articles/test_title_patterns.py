"""Forms of titles are found where they may begin, and only there."""

import re

import pytest

from digest.articles.pure.kind_rules import load_rules
from digest.articles.pure.title_patterns import compile_forms

FORMS = ["^how to ", r"\bpromo codes?\b", r"[$€]\d+ off\b", r"\b[67]-\d,? [67]-\d\b"]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("How to cross the bay", "How to"),
        ("Why they learnt how to swim", ""),
        ("A PROMO CODE for the ferry", "PROMO CODE"),
        ("An unpromo code", ""),
        ("Tickets: €20 off today", "€20 off"),
        ("US$20 off", "$20 off"),
        ("Lind wins 6-4, 7-5 in Lagos", "6-4, 7-5"),
        ("The bay is calm", ""),
    ],
)
def test_a_form_is_found_where_it_may_begin(title: str, found: str) -> None:
    assert compile_forms(FORMS).search(title) == found


def test_no_form_of_the_data_is_an_alternation_by_itself() -> None:
    # "^a|b" would be taken for a form that begins at the start.
    forms = [
        form
        for table in load_rules().titles.values()
        for of_kind in table.get("patterns", {}).values()
        for form in of_kind
    ]
    assert len(forms) > 50
    for form in forms:
        outside = re.sub(r"\\.|\[[^\]]*\]", "", form)
        while (inner := re.sub(r"\([^()]*\)", "", outside)) != outside:
            outside = inner
        assert "|" not in outside, form


def test_the_forms_of_every_language_can_be_compiled() -> None:
    rules = load_rules()
    for language in rules.titles:
        assert rules.matcher(language).patterns, language
