"""Settings: all errors are reported together, and secrets are never printed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digest.articles.states import HARD_NEWS, NEVER_MAILED, ArticleKind
from digest.errors import SettingsError
from digest.own_addresses import NamedAddress
from digest.setting_values import OPTIONAL_KINDS
from digest.settings import Settings

SECRET = "a key that is only used in these tests"


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    return {"DATELINE_VAR": str(tmp_path / "var"), "SECRET_KEY": SECRET} | changes


def settings_error(tmp_path: Path, **changes: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environment(tmp_path, **changes))
    return str(caught.value)


def test_an_empty_environment_is_enough(tmp_path: Path) -> None:
    settings = Settings.from_env({"DATELINE_VAR": str(tmp_path)})
    assert settings.embedded
    assert settings.sqlalchemy_url.startswith("sqlite:///")


def test_all_errors_are_reported_together(tmp_path: Path) -> None:
    text = settings_error(
        tmp_path, SMTP_URL="smtp://mail:x25", POLL_MINUTES="soon", LOG_FORMAT="xml", MAIL_FROM="nobody",
        FETCH_ALLOW="here", MAX_LATENESS="99", DATELINE_DEMO="perhaps", SECRET_KEY="short", RETURN_PATH_DOMAIN="a b",
    )  # fmt: skip
    names = [line.partition(":")[0] for line in text.splitlines()]
    assert sorted(names) == [
        "DATELINE_DEMO", "FETCH_ALLOW", "LOG_FORMAT", "MAIL_FROM", "MAX_LATENESS", "POLL_MINUTES", "RETURN_PATH_DOMAIN",
        "SECRET_KEY", "SMTP_URL",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "smtp://mail:x25"),
        ("REDIS_URL", "http://cache"),
        ("DATABASE_URL", "mysql://db/x"),
        ("BASE_URL", "news.example.org"),
        ("POLL_MINUTES", "4"),
        ("TRUSTED_PROXIES", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("BASE_URL", "https://news.example.org/?x=1"),
        ("BASE_URL", "https://exa mple.org"),
        ("MAIL_FROM", "Dateline <новости@example.org>"),
        ("MAIL_FROM", "Dateline <digest@example.org>\r\nBcc: x@example.org"),
        ("MAIL_FROM", "Dateline <di gest@example.org>"),
        ("RETURN_PATH_DOMAIN", "bounces@example.org"),
        ("RETURN_PATH_DOMAIN", "☃.example"),
        ("DKIM_DOMAIN", "example..org"),
        ("FETCH_ALLOW", "127.0.0.1"),
    ],
)
def test_a_wrong_setting_is_named_in_a_line_of_its_own(tmp_path: Path, name: str, value: str) -> None:
    text = settings_error(tmp_path, **{name: value})
    assert text.startswith(f"{name}: ")
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("name", ["ARCHIVE", "COUNT_OPENS", "IMAGES"])
def test_yes_and_no_have_the_same_words_in_every_setting(tmp_path: Path, name: str) -> None:
    for word, meaning in {"1": True, "on": True, "Yes": True, "0": False, "OFF": False, "no": False}.items():
        assert getattr(Settings.from_env(environment(tmp_path, **{name: word})), name.lower()) is meaning
    assert "use 1, yes, on or true; 0, no, off or false" in settings_error(tmp_path, **{name: "perhaps"})


def test_errors_contain_no_password(tmp_path: Path) -> None:
    text = settings_error(
        tmp_path,
        DATABASE_URL="postgresql://dateline:hush-hush@db:port/x",
        SMTP_URL="ftp://user:hush-hush@mail/",
    )
    assert "hush-hush" not in text


def test_no_secret_is_in_the_repr(tmp_path: Path) -> None:
    settings = Settings.from_env(
        environment(
            tmp_path,
            DATABASE_URL="postgresql://u:hush-hush@db/x",
            SMTP_URL="smtp://u:hush-hush@mail",
            REDIS_URL="redis://:hush-hush@cache",
        )
    )
    assert "hush-hush" not in repr(settings)
    assert SECRET not in repr(settings)


def test_a_secret_may_be_read_from_a_named_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    env = environment(tmp_path, SECRET_KEY_FILE=str(file))
    del env["SECRET_KEY"]
    assert Settings.from_env(env).secret_key == SECRET


def test_a_secret_in_both_places_is_an_error(tmp_path: Path) -> None:
    assert "unset one" in settings_error(tmp_path, SECRET_KEY_FILE=str(tmp_path / "secret"))


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    text = settings_error(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "nothing"))
    assert text.startswith("SECRET_KEY: ")
    assert "nothing" in text


def test_the_embedded_secret_is_created_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    env = {"DATELINE_VAR": str(tmp_path / "var")}
    first, second = Settings.from_env(env), Settings.from_env(env)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret_key"]


def test_two_processes_that_start_together_have_the_same_secret(tmp_path: Path) -> None:
    env = {"DATELINE_VAR": str(tmp_path / "var")}
    with ThreadPoolExecutor(8) as pool:
        keys = {settings.secret_key for settings in pool.map(Settings.from_env, [env] * 16)}
    assert len(keys) == 1
    assert len(keys.pop()) == 64


def test_an_empty_secret_file_under_var_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secret_key").write_text("")
    assert "SECRET_KEY" in settings_error(tmp_path, SECRET_KEY="")


def test_with_a_database_url_the_secret_must_be_set(tmp_path: Path) -> None:
    assert settings_error(tmp_path, SECRET_KEY="", DATABASE_URL="postgresql://db/x").startswith("SECRET_KEY")


@pytest.mark.parametrize("url", ["postgres://db/x", "postgresql://db/x", "postgresql+psycopg://db/x"])
def test_every_spelling_of_a_postgresql_url_selects_psycopg(tmp_path: Path, url: str) -> None:
    assert (
        Settings.from_env(environment(tmp_path, DATABASE_URL=url)).sqlalchemy_url
        == "postgresql+psycopg://db/x"
    )


def test_the_base_url_ends_without_a_slash(tmp_path: Path) -> None:
    assert (
        Settings.from_env(environment(tmp_path, BASE_URL="https://x.example/news/")).base_url
        == "https://x.example/news"
    )


def test_every_domain_may_be_given_in_unicode(tmp_path: Path) -> None:
    settings = Settings.from_env(
        environment(
            tmp_path,
            BASE_URL="https://Вести.example/",
            MAIL_FROM="Вести, утро <digest@вести.example>",
            RETURN_PATH_DOMAIN="вести.example",
            DKIM_DOMAIN="вести.example",
            DOMAIN_RATES="вести.example=5",
        )
    )
    domain = "xn--b1agj9af.example"
    assert settings.base_url == f"https://{domain}"
    assert settings.mail_from == NamedAddress("Вести, утро", f"digest@{domain}")
    assert (settings.return_path_domain, settings.dkim_domain) == (domain, domain)
    assert settings.domain_rates == ((domain, 5),)


def test_default_kinds_are_the_kinds_that_readers_may_get_beside_hard_news(tmp_path: Path) -> None:
    assert set(OPTIONAL_KINDS) == set(ArticleKind) - HARD_NEWS - NEVER_MAILED
    assert Settings.from_env(environment(tmp_path, DEFAULT_KINDS="sport, Culture")).default_kinds == {
        "sport",
        "culture",
    }


@pytest.mark.parametrize("kind", ["sprot", "commerce", "sponsored"])
def test_default_kinds_refuses_what_is_no_kind_and_what_is_never_mailed(tmp_path: Path, kind: str) -> None:
    error = settings_error(tmp_path, DEFAULT_KINDS=kind)
    assert f'DEFAULT_KINDS: "{kind}" is none of ' in error
    assert "(example: sport,culture)" in error
