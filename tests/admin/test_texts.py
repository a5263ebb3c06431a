"""What stages say is translated: with its values, within each other, and by its pattern after it was stored."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from digest.accounts.states import SecurityEvent
from digest.admin.action_names import NAMES, action_name, target_name
from digest.admin.texts import translated
from digest.editions.states import EditionState
from digest.errors import ConflictError, InvalidInputError, NewsroomText
from digest.sources.http.status_descriptions import describe_status
from digest.sources.pure.pages.guard_pages import describe_guard
from digest.subscribers.pure.csv_tables import MOST_COLUMNS, read_table


@pytest.fixture
def russian_page(app: Flask) -> Iterator[None]:
    with app.test_request_context("/admin/"), force_locale("ru"):
        yield


def test_a_text_and_its_values_are_translated(russian_page: None) -> None:
    inner = NewsroomText("the worker of %(role)s", role="planning")
    text = NewsroomText("%(name)s has never shown itself", name=inner)
    assert text == "the worker of planning has never shown itself"
    assert translated(text) == "обработчик planning: процесс ещё ни разу не давал о себе знать"
    state = NewsroomText(
        "Edition %(edition_id)s is %(state)s, not frozen.", edition_id=7, state=EditionState.DRAFT
    )
    assert translated(ConflictError(state)) == "Выпуск 7: черновик, а не зафиксирован."


def test_the_error_of_a_file_with_its_name_is_translated(russian_page: None) -> None:
    header = ",".join(["email", *(f"column {number}" for number in range(MOST_COLUMNS))])
    with pytest.raises(InvalidInputError) as raised:
        read_table(header.encode(), lambda cells: "email" in cells)
    named = InvalidInputError(NewsroomText("%(name)s: %(error)s", name="readers.csv", error=raised.value))
    assert translated(named) == "readers.csv: В файле столбцов: 301. Возможно не больше 300."
    assert str(named) == "readers.csv: The file has 301 columns. At most 300 are possible."


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (describe_status(403), "сайт нам отказывает; обратитесь к издателю или найдите другой адрес ленты (статус"),
        (describe_guard("", ""), "сайт прислал страницу, которая просит посетителей доказать, что они люди; попросите"),
        (describe_guard("Anubis", "Wait"), "сайт прислал страницу защиты Anubis, которая просит посетителей доказать, "
         'что они люди ("Wait"); попросите'),
        ("a.example refuses connections on port 443", "a.example не принимает соединений на порту 443"),
        ("an editor stopped it", "его остановил редактор"),
        ("550 5.1.1 User unknown", "550 5.1.1 User unknown"),  # an answer of a server
        ("", ""),
    ],
)  # fmt: skip
def test_what_was_stored_in_english_is_translated(russian_page: None, stored: str, shown: str) -> None:
    assert translated(str(stored)).startswith(shown)


def test_english_pages_show_the_text_itself(app: Flask) -> None:
    with app.test_request_context("/admin/"):
        assert translated(describe_status(403)) == str(describe_status(403))
        assert translated("an editor stopped it") == "an editor stopped it"


def test_a_hostile_text_is_only_a_value(russian_page: None) -> None:
    assert (
        translated("%(port)s% refuses connections on port 1")
        == "%(port)s% не принимает соединений на порту 1"
    )
    assert translated("100% %(host)d {0}") == "100% %(host)d {0}"
    assert translated("x" * 100_000) == "x" * 100_000


def test_actions_of_the_audit_trail_are_shown_in_words(russian_page: None) -> None:
    assert action_name("edition sent") == "выпуск отправлен"
    assert action_name("kind of article chosen: sport") == "выбран вид публикации: sport"
    assert action_name("dateline sources add") == "dateline sources add"
    assert target_name("article 7, story 3: hide") == "публикация 7, сюжет 3: hide"
    assert target_name("https://story.example/story 3") == "https://story.example/story 3"
    events = {event.value.partition(".")[2].replace("_", " ") for event in SecurityEvent}
    assert events <= NAMES.keys()
