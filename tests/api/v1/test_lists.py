"""Lists: pages without gaps or repetitions, sparse fields, and ETags."""

from digest.database import Database
from digest.regions.tree import region_tree
from digest.subscribers.store import pages
from digest.subscribers.store.pages import SubscriberSelection
from tests.api.v1.conftest import ApiClient
from tests.builders import World
from tests.conftest import StoppedClock


def test_the_pages_of_a_list_have_every_row_once(api: ApiClient, world: World) -> None:
    ids = [world.subscriber().id for _ in range(7)]
    found = api.pages("/subscribers?limit=3")
    assert [len(rows) for rows in found] == [3, 3, 1]
    assert [row["id"] for rows in found for row in rows] == ids
    for _ in range(3):
        world.article()
    newest_first = [row["id"] for rows in api.pages("/articles?limit=2") for row in rows]
    assert newest_first == [3, 2, 1]


def test_who_comes_while_a_list_is_read_is_on_its_last_page(api: ApiClient, world: World) -> None:
    first = [world.subscriber().id for _ in range(2)]
    page = api.call("GET", "/subscribers?limit=1")
    late = world.subscriber().id
    answer = api.send("GET", f"/subscribers?limit=1&cursor={page['next']}")
    assert 'rel="next"' in answer.headers["Link"]
    assert answer.json
    rest = api.call("GET", f"/subscribers?cursor={page['next']}")
    assert [row["id"] for row in rest["data"]] == [first[1], late]


def test_the_link_to_the_next_page_keeps_the_filters(api: ApiClient, world: World) -> None:
    world.many_subscribers(3)
    answer = api.send("GET", "/subscribers?limit=1&state=active&fields=id")
    link = answer.headers["Link"].partition(">")[0].removeprefix("</api/v1")
    assert "state=active" in link
    assert api.call("GET", link)["data"] == [{"id": 2}]


def test_only_the_fields_that_were_asked_for_are_answered(api: ApiClient, world: World) -> None:
    subscriber = world.subscriber("ann@example.com")
    page = api.call("GET", "/subscribers?fields=id,%20email")
    assert page["data"] == [{"id": subscriber.id, "email": "ann@example.com"}]


def test_a_list_is_filtered(api: ApiClient, world: World) -> None:
    ann = world.subscriber("Ann@example.com")
    world.subscriber("bob@example.com", state="paused")
    assert [row["id"] for row in api.call("GET", "/subscribers?email=ann@EXAMPLE.com")["data"]] == [ann.id]
    assert [row["email"] for row in api.call("GET", "/subscribers?state=paused")["data"]] == [
        "bob@example.com"
    ]


def test_an_answer_that_has_not_changed_is_not_sent_again(api: ApiClient, world: World) -> None:
    world.subscriber()
    first = api.send("GET", "/subscribers")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = api.send("GET", "/subscribers", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    world.subscriber()
    assert api.send("GET", "/subscribers", If_None_Match=first.headers["ETag"]).status_code == 200


def test_every_size_of_a_page_reads_the_whole_list(db: Database, clock: StoppedClock) -> None:
    World(db, region_tree.load(), clock).many_subscribers(8)
    for limit in range(1, 10):
        after, found = None, list[int]()
        while True:
            with db.read() as tx:
                rows = pages.subscribers_after(tx, SubscriberSelection(), after=after, limit=limit)
            found += [row.id for row in rows[:limit]]
            if len(rows) <= limit:
                break
            after = rows[limit - 1].id
        assert found == sorted(set(found))
        assert len(found) == 8
