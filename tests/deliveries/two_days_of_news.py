"""Two invented days of news: what each poll brings, and which event and development each report is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A report that a poll brings, `hours` after the first one. `event` is e.g. "talks/2" for a second development."""

    hours: float
    event: str
    source: str
    title: str
    text: str
    country: str


def _dispatches(event: str, country: str, *rows: tuple[float, str, str, str]) -> list[Dispatch]:
    return [Dispatch(hours, event, source, title, text, country) for hours, source, title, text in rows]


TALKS = [
    *_dispatches(
        "talks/1",
        "KZ",
        (
            0,
            "The Steppe Post",
            "Expectations low before water talks in Aktau",
            "Ministers of the five Caspian states meet in Aktau on Thursday about the falling level of the sea."
            " Diplomats expect no agreement.",
        ),
        (
            6,
            "Harbour Wire",
            "Caspian ministers to meet in Aktau over falling sea level",
            "The five Caspian states send ministers to Aktau on Thursday. Diplomats expect little from the talks about"
            " the falling level of the sea.",
        ),
        (
            25,
            "Lantern Daily",
            "Caspian ministers to meet in Aktau over falling sea level",
            "The five Caspian states send ministers to Aktau on Thursday. Diplomats expect little from the talks about"
            " the falling level of the sea.",
        ),
    ),
    *_dispatches(
        "talks/2",
        "KZ",
        (
            31,
            "The Steppe Post",
            "Caspian states sign treaty on water quotas in Aktau",
            "After nine hours of talks in Aktau the ministers of the five Caspian states signed a treaty that sets"
            " water quotas for the Volga and the Ural until 2040.",
        ),
        (
            31,
            "Lantern Daily",
            "Treaty signed in Aktau sets quotas for the Volga",
            "Ministers of the Caspian states signed a treaty in Aktau that limits what may be taken from the Volga and"
            " the Ural until 2040, after nine hours of talks.",
        ),
        (
            37,
            "Harbour Wire",
            "Caspian ministers agree on water quotas in surprise Aktau treaty",
            "The treaty signed in Aktau sets quotas for the Volga and the Ural. Environmental groups called it a"
            " surprise.",
        ),
    ),
]
QUAKE = [
    *_dispatches(
        "quake/1",
        "UZ",
        (
            6,
            "Lantern Daily",
            "Earthquake near Andijan kills eight",
            "An earthquake of magnitude 6.1 shook Andijan before dawn. Eight people died when houses collapsed in the"
            " district of Khodjaobod.",
        ),
        (
            12,
            "Harbour Wire",
            "Eight dead after quake shakes Andijan before dawn",
            "Houses collapsed in Khodjaobod near Andijan when an earthquake of magnitude 6.1 hit. Eight people died.",
        ),
        (
            26,
            "Fergana Voice",
            "Earthquake near Andijan kills eight people",
            "An earthquake of magnitude 6.1 shook Andijan before dawn. Eight people died when houses collapsed in the"
            " district of Khodjaobod.",
        ),
    ),
    *_dispatches(
        "quake/2",
        "UZ",
        (
            32,
            "Lantern Daily",
            "Andijan quake toll rises to 31 as school is found in ruins",
            "Rescuers found 23 bodies in the ruins of a boarding school near Andijan. The toll of the earthquake rose"
            " to 31, the emergency ministry said.",
        ),
        (
            38,
            "Fergana Voice",
            "Bodies of pupils found in ruins of boarding school near Andijan",
            "Rescuers recovered 23 bodies from a boarding school that the earthquake destroyed. The toll is 31 now.",
        ),
    ),
]
SINGLE = [
    *_dispatches(
        "bread/1",
        "KZ",
        (
            12,
            "The Steppe Post",
            "Almaty bakeries raise the price of bread",
            "Flour costs a third more than in May.",
        ),
    ),
    *_dispatches(
        "tiger/1",
        "KZ",
        (
            31,
            "Harbour Wire",
            "Tiger seen on the Ili for the first time since 1948",
            "Rangers filmed it at a ford.",
        ),
    ),
    *_dispatches(
        "opera/1",
        "UZ",
        (
            37,
            "Lantern Daily",
            "Tashkent opera reopens with Leyli and Majnun",
            "The roof was closed for two years.",
        ),
    ),
]
ALL_DISPATCHES = sorted([*TALKS, *QUAKE, *SINGLE], key=lambda dispatch: dispatch.hours)
