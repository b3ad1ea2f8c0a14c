import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from fastapi_single_process.config import ConfigurationError, Settings, get_settings


def test_settings_have_defaults() -> None:
    settings = get_settings()

    assert settings.log_level == "INFO"
    assert settings.docs_enabled is True


def test_settings_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = get_settings()
    monkeypatch.setenv("APP_LOG_LEVEL", "DEBUG")

    assert get_settings() is first


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("APP_LOG_LEVEL=ERROR\nAPP_DOCS_ENABLED=false\n")
    monkeypatch.setenv("APP_LOG_LEVEL", "DEBUG")

    settings = get_settings()

    assert settings.log_level == "DEBUG"
    assert settings.docs_enabled is False


def test_a_misspelt_variable_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_DOC_ENABLED", "false")

    with pytest.raises(ConfigurationError) as caught:
        get_settings()

    assert str(caught.value) == ("APP_DOC_ENABLED is no setting; did you mean APP_DOCS_ENABLED?")


def test_a_variable_like_no_setting_is_told_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("APP_COLOUR=green\nOTHER_COLOUR=blue\n")

    with pytest.raises(
        ConfigurationError, match=r"^APP_COLOUR is no setting; there are APP_CURSOR_SECRET, "
    ):
        get_settings()


def test_the_variable_of_the_tests_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_TEST_DATABASE_URL", "postgresql+asyncpg://app@db/app")

    assert get_settings().database_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_PORT", "tcp://10.0.0.1:8000"),
        ("APP_PORT_8000_TCP", "tcp://10.0.0.1:8000"),
        ("APP_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("APP_PORT_8000_TCP_PORT", "8000"),
        ("APP_PORT_8000_TCP_PROTO", "tcp"),
        ("APP_SERVICE_HOST", "10.0.0.1"),
        ("APP_SERVICE_PORT", "8000"),
        ("APP_SERVICE_PORT_HTTP", "8000"),
        ("APP_METRICS_SERVICE_HOST", "10.0.0.1"),
        ("APP_NAME", "/web/app"),
        ("APP_ENV_LANG", "C"),
    ],
)
def test_what_a_platform_sets_for_a_service_called_app_is_let_pass(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert get_settings().log_level == "INFO"


@pytest.mark.parametrize(
    ("name", "value"),
    [("APP_PORT", "8000"), ("APP_NAME", "service"), ("APP_SERVICE_PORT", "http")],
)
def test_the_same_name_with_a_value_of_a_person_is_no_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=rf"^{name} is no setting; "):
        get_settings()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_file_that_is_not_utf_8_is_named_with_its_remedy(encoding: str) -> None:
    Path(".env").write_text("APP_LOG_LEVEL=ERROR # schön\n", encoding=encoding)

    with pytest.raises(ConfigurationError, match=r"^the file \.env is not UTF-8; save it"):
        get_settings()


def test_a_value_that_does_not_fit_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_LOG_LEVEL", "hunter2")

    with pytest.raises(ConfigurationError, match=r"^APP_LOG_LEVEL: Input should be") as caught:
        get_settings()

    assert "hunter2" not in str(caught.value)


def test_the_example_file_shows_every_setting() -> None:
    example = Path(__file__).parents[1] / ".env.example"

    shown = set(re.findall(r"^#?APP_(\w+)=", example.read_text(), re.MULTILINE))

    assert shown == {name.upper() for name in Settings.model_fields}


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Set variables and give the text with which the settings refuse them."""

    def refuse(**variables: str) -> str:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(ConfigurationError) as caught:
            get_settings()
        return str(caught.value)

    return refuse


@pytest.mark.parametrize("environment", ["docker", "production"])
@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, ["APP_DATABASE_URL", "APP_CURSOR_SECRET"]),
        ({"APP_DATABASE_URL": "postgresql+asyncpg://db/app"}, ["APP_CURSOR_SECRET"]),
        ({"APP_CURSOR_SECRET": "a secret of thirty-two characters"}, ["APP_DATABASE_URL"]),
    ],
)
def test_what_nobody_can_guess_is_required_outside_local(
    refused: Callable[..., str], environment: str, given: dict[str, str], missing: list[str]
) -> None:
    message = refused(APP_ENVIRONMENT=environment, **given)

    reason = f"is not set, and APP_ENVIRONMENT is {environment}"
    assert message.splitlines() == [f"{name} {reason}" for name in missing]


def test_a_short_secret_is_refused_and_not_shown(refused: Callable[..., str]) -> None:
    message = refused(APP_CURSOR_SECRET="hunter2")

    assert message.startswith("APP_CURSOR_SECRET: ")
    assert "hunter2" not in message


def test_a_url_without_asyncpg_is_refused_with_the_right_beginning(
    refused: Callable[..., str],
) -> None:
    assert refused(APP_DATABASE_URL="postgresql://app:hunter2@db/app") == (
        "APP_DATABASE_URL: begins with postgresql://; this service needs postgresql+asyncpg://"
    )


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "postgresql+asyncpg://app:hunter2@/app",
        "postgresql+asyncpg://app:hunter2@db:port/app",
        "postgresql+asyncpg://app:p@hunter2@db/app",
    ],
)
def test_what_is_no_url_is_refused_and_not_shown(refused: Callable[..., str], url: str) -> None:
    message = refused(APP_DATABASE_URL=url)

    assert message.startswith("APP_DATABASE_URL: is no database URL; write postgresql+asyncpg://")
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sslmode=require", {"ssl": "require"}),
        ("ssl=verify-full", {"ssl": "verify-full"}),
        ("target_session_attrs=read-write", {"target_session_attrs": "read-write"}),
        ("host=a:5432&host=b:5432", {"host": ("a:5432", "b:5432")}),
    ],
)
def test_a_parameter_of_the_url_is_one_that_asyncpg_knows(
    given: str, used: dict[str, object]
) -> None:
    settings = local(f"postgresql+asyncpg://app:secret@db/app?{given}")

    assert settings.database_url is not None
    assert settings.database_url.query == used


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("channel_binding=hunter2", "take it out"),
        ("application_name=hunter2", "take it out"),
        ("options=hunter2", "take it out"),
        ("statement_cache_size=hunter2", "take it out"),
        ("connect_timeout=hunter2", "set APP_DATABASE_CONNECT_TIMEOUT instead"),
    ],
)
def test_a_parameter_of_the_url_that_asyncpg_does_not_know_is_named_with_its_remedy(
    refused: Callable[..., str], given: str, remedy: str
) -> None:
    name, _, _ = given.partition("=")
    message = refused(APP_DATABASE_URL=f"postgresql+asyncpg://app:secret@db/app?{given}")

    assert message == (
        f"APP_DATABASE_URL: has the parameter {name}, which asyncpg doesn't know; {remedy}"
    )


@pytest.mark.parametrize("name", ["ssl", "sslmode", "target_session_attrs"])
def test_a_value_that_asyncpg_does_not_know_is_refused_and_not_shown(
    refused: Callable[..., str], name: str
) -> None:
    message = refused(APP_DATABASE_URL=f"postgresql+asyncpg://app:secret@db/app?{name}=hunter2")

    assert message.startswith(f"APP_DATABASE_URL: has a value of {name} that isn't one of: ")
    assert "hunter2" not in message


TIMES = [name for name in Settings.model_fields if name.endswith(("_timeout", "_lifetime"))]


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("value", ["inf", "nan", "0", "0.0001", "1e300"])
def test_a_time_is_one_that_the_database_can_count(
    refused: Callable[..., str], name: str, value: str
) -> None:
    message = refused(**{f"APP_{name.upper()}": value})

    assert message.startswith(f"APP_{name.upper()}: Input should be ")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("hunter2@%:/?#[]&=+ ")
def test_a_password_may_hold_any_character_and_is_never_shown(password: str) -> None:
    settings = local(f"postgresql+asyncpg://app:{quote(password, safe='')}@db:5432/app")
    other = local("postgresql+asyncpg://app:another@db:5432/app")

    assert settings.database_url is not None
    assert settings.database_url.password == password
    # What is shown is the same for every password: nothing of it is there.
    assert repr(settings) == repr(other)
    assert str(settings) == str(other)
    assert settings.model_dump_json() == other.model_dump_json()


def local(url: str) -> Settings:
    return Settings.model_validate({"environment": "local", "database_url": url})


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres:5432", "localhost:5445"),
        ("postgres:5433", "postgres:5433"),
        ("prod-postgres:5432", "prod-postgres:5432"),
        ("postgres.internal:5432", "postgres.internal:5432"),
        ("localhost:5432", "localhost:5432"),
    ],
)
def test_only_the_address_inside_compose_is_adjusted(given: str, used: str) -> None:
    settings = local(f"postgresql+asyncpg://postgres:5432@{given}/postgres")

    assert settings.database_url is not None
    assert f"{settings.database_url.host}:{settings.database_url.port}" == used
    assert settings.database_url.password == "5432"
    assert settings.database_url.database == "postgres"


# Names around the one that is adjusted: a search for any name would hardly meet it.
part = st.text("a.-", max_size=3)


@given(part, st.sampled_from(["postgres", "db"]), part, st.sampled_from([5432, 5433, 543, 54320]))
def test_every_other_address_is_left_alone(before: str, name: str, after: str, port: int) -> None:
    host = before + name + after
    assume((host, port) != ("postgres", 5432))

    settings = local(f"postgresql+asyncpg://app:secret@{host}:{port}/app")

    assert settings.database_url is not None
    assert (settings.database_url.host, settings.database_url.port) == (host, port)


@pytest.mark.parametrize("environment", ["docker", "production"])
def test_no_address_is_adjusted_outside_local(environment: str) -> None:
    settings = Settings.model_validate(
        {
            "environment": environment,
            "database_url": "postgresql+asyncpg://a:b@postgres:5432/c",
            "cursor_secret": "a secret of thirty-two characters",
        }
    )

    assert settings.database_url is not None
    assert settings.database_url.host == "postgres"


def test_both_urls_of_the_example_reach_the_database_of_compose_from_the_host() -> None:
    example = (Path(__file__).parents[1] / ".env.example").read_text()
    Path(".env").write_text(example)

    settings = get_settings()

    urls = [settings.database_url, settings.migration_database_url]
    assert [str(url) for url in urls] == [
        f"postgresql+asyncpg://{role}:***@localhost:5445/app" for role in ("app", "owner")
    ]


@pytest.mark.parametrize("served", [None, "db:5433/app", "db/other", "elsewhere/app"])
def test_the_database_that_is_migrated_is_the_one_that_is_served(
    refused: Callable[..., str], served: str | None
) -> None:
    url = {"APP_DATABASE_URL": f"postgresql+asyncpg://app@{served}"} if served else {}

    message = refused(APP_MIGRATION_DATABASE_URL="postgresql+asyncpg://owner@db/app", **url)

    assert "APP_MIGRATION_DATABASE_URL and APP_DATABASE_URL name two databases" in message
