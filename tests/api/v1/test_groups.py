"""Named groups of countries by the API: as editors change them in the newsroom."""

from digest.parts import Parts
from tests.api.v1.conftest import ApiClient, newest_entry

NEW = {
    "slug": "silk-road",
    "names": {"en": "Silk Road", "de": "Seidenstraße"},
    "regions": ["kz", "uz", "south-caucasus"],
}


def test_a_group_is_added_and_can_be_chosen_at_once(api: ApiClient, parts: Parts) -> None:
    answer = api.send("POST", "/groups", NEW)
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/api/v1/groups/silk-road"
    group = api.call("GET", "/groups/silk-road")
    assert group["countries"] == ["AM", "AZ", "GE", "KZ", "UZ"]
    assert api.call("GET", "/regions/silk-road")["name"] == "Silk Road"
    body = {"email": "ann@example.org", "regions": ["silk-road"]}
    api.call("POST", "/subscribers", body, status=202)
    api.call("POST", "/groups", NEW, status=422)


def test_a_group_is_changed_retired_and_its_last_change_undone(api: ApiClient, parts: Parts) -> None:
    api.call("POST", "/groups", NEW, status=201)
    changed = api.call("PATCH", "/groups/silk-road", {"regions": ["kz"], "aliases": ["Old Road"]})
    assert (changed["countries"], changed["names"]) == (["KZ"], NEW["names"])
    entry = newest_entry(parts)
    assert entry.action == "group changed"
    assert entry.after == {"countries": ["KZ"], "aliases": ["Old Road"]}
    assert len(api.call("POST", "/groups/silk-road/undo", {})["countries"]) == 5
    assert api.call("PATCH", "/groups/silk-road", {"retired": True})["retired"]
    assert api.call("GET", "/regions/silk-road")["retired"]


def test_a_bundled_group_is_reset_and_another_one_is_not(api: ApiClient) -> None:
    before = api.call("GET", "/groups/eu")
    api.call("PATCH", "/groups/eu", {"names": {"en": "The Union"}})
    assert api.call("POST", "/groups/eu/reset", {}) == before
    api.call("POST", "/groups", NEW, status=201)
    api.call("POST", "/groups/silk-road/reset", {}, status=404)
    api.call("GET", "/groups/kz", status=404)


def test_each_wrong_field_is_named(api: ApiClient) -> None:
    wrong = {"slug": "Silk Road", "names": {"de": "x" * 200}, "regions": ["kz"], "parent": "kz"}
    answer = api.send("POST", "/groups", wrong)
    assert answer.status_code == 422
    assert answer.json
    assert {error["at"] for error in answer.json["errors"]} >= {"/slug", "/names", "/parent"}
    etag = api.send("GET", "/groups/eu").headers["ETag"]
    api.call("PATCH", "/groups/eu", {"source": "new"})
    assert api.send("PATCH", "/groups/eu", {"source": "newer"}, **{"If-Match": etag}).status_code == 412
