"""The service's settings: the one place that reads the environment.

Source: https://docs.pydantic.dev/latest/concepts/pydantic_settings/
"""

import difflib
import re
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    NonNegativeInt,
    PlainSerializer,
    PlainValidator,
    PositiveInt,
    SecretStr,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from fastapi_single_process.platform_variables import is_set_by_platform
from fastapi_single_process.url_parameters import translate_parameters

__all__ = ["ConfigurationError", "Settings", "get_settings"]

PREFIX = "APP_"
DRIVER = "postgresql+asyncpg"
TESTS = "APP_TEST_DATABASE_URL"  # the test suite's, and no setting
HOST = re.compile(r"[\w.:-]+|/.+")  # a name, an address, the folder of a socket


class ConfigurationError(Exception):
    """The environment can't be turned into settings; the text names each variable at fault."""


def _hosts(url: URL) -> Sequence[str]:
    return (url.host,) if url.host else url.normalized_query.get("host", ("",))


def _place(url: URL) -> object:
    return sorted(_hosts(url)), url.port or 5432, url.database


def _parse_url(value: object) -> URL:
    # No message repeats the value: it holds a password. A password with a bare @ or / would end in
    # the host, and from there in every log: a host of such characters is refused.
    try:
        url = make_url(value) if isinstance(value, str | URL) else None
    except (ArgumentError, ValueError):
        url = None
    if url is None or not all(map(HOST.fullmatch, _hosts(url))):
        raise ValueError(
            f"is no database URL; write {DRIVER}://USER:PASSWORD@HOST:PORT/DATABASE, with the"
            " characters @ : / % of a password percent-encoded (%40 %3A %2F %25)"
        )
    if url.drivername != DRIVER:
        raise ValueError(f"begins with {url.drivername}://; this service needs {DRIVER}://")
    return translate_parameters(url)


# The representation of SQLAlchemy's URL hides the password; a plain string would show it.
DatabaseURL = Annotated[
    URL,
    PlainValidator(_parse_url),
    PlainSerializer(repr, return_type=str),
    WithJsonSchema({"type": "string", "format": "uri"}),
]

# Whole milliseconds to the server, which takes none for no limit, and counts them in 32 bits.
Seconds = Annotated[float, Field(ge=0.001, le=2_000_000, allow_inf_nan=False)]


class Settings(BaseSettings):
    """What may differ between two installations of the same service.

    A field is read from the environment variable of its name in capitals behind ``APP_``, else
    from the file ``.env`` in the working directory, else it has its default.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    environment: Literal["local", "docker", "production"] = "local"
    """Where the service runs."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe level that the service's own loggers print."""

    docs_enabled: bool = True
    """Whether the interactive documentation and the OpenAPI document are served."""

    database_url: DatabaseURL | None = None
    """Where PostgreSQL is. Without it, a local service starts an embedded one."""

    migration_database_url: DatabaseURL | None = None
    """The same, as the owner of the tables, for Alembic. Without it, Alembic uses the one above."""

    database_pool_size: PositiveInt = 5
    """How many connections stay open."""

    database_max_overflow: NonNegativeInt = 10
    """How many more may open under load."""

    database_pool_timeout: Seconds = 5
    """How long a request waits for a free connection, in seconds."""

    database_pool_recycle: PositiveInt = 1800
    """The age at which a connection is replaced, in seconds."""

    database_connect_timeout: Seconds = 5
    """How long opening a connection may take, in seconds."""

    database_command_timeout: Seconds = 30
    """How long one statement may take, in seconds."""

    database_lock_timeout: Seconds = 2
    """How long a statement waits for what another transaction holds, in seconds."""

    database_idle_transaction_timeout: Seconds = 10
    """How long a transaction waits for its next statement before it is ended, in seconds."""

    max_body_size: PositiveInt = 65_536
    """The largest body of a request, in bytes."""

    cursor_secret: Annotated[SecretStr, Field(min_length=32)] = SecretStr(
        "for development, known to everybody"
    )
    """What the cursors of lists are signed with. Another one ends the walks through lists."""

    former_cursor_secret: Annotated[SecretStr, Field(min_length=32)] | None = None
    """What they were signed with before; such cursors are still read."""

    idempotency_key_required: bool = False
    """Whether a POST without an ``Idempotency-Key`` is refused."""

    idempotency_key_lifetime: Seconds = 86_400
    """How long the answer to a request with a key is kept, in seconds: one day."""

    health_timeout: Annotated[Seconds, Field(le=30)] = 2
    """How long the health check waits for the database, in seconds."""

    @model_validator(mode="after")
    def adjust_db_url(self) -> Self:
        """Reach the database of Compose from outside its network.

        Inside, its address is ``postgres:5432``; the same database is published to the host as
        ``localhost:5445``. Every other URL is left alone, ``prod-postgres:5432`` included.
        """
        for name in ("database_url", "migration_database_url"):
            url: URL | None = getattr(self, name)
            if self.environment == "local" and url and (url.host, url.port) == ("postgres", 5432):
                setattr(self, name, url.set(host="localhost", port=5445))
        return self

    @model_validator(mode="after")
    def require_one_database(self) -> Self:
        """Refuse to migrate another database than the one that is served."""
        served, migrated = self.database_url, self.migration_database_url
        if migrated and (served is None or _place(served) != _place(migrated)):
            raise ValueError(
                f"{PREFIX}MIGRATION_DATABASE_URL and {PREFIX}DATABASE_URL name two databases; they"
                " are one, with two users"
            )
        return self

    @model_validator(mode="after")
    def require_secrets_outside_local(self) -> Self:
        """Refuse to guess a database where data matters, or to sign with what everybody knows."""
        given = self.model_dump(exclude_unset=True, exclude_none=True)
        missing = [name for name in ("database_url", "cursor_secret") if name not in given]
        if self.environment != "local" and missing:
            reason = f"is not set, and {PREFIX}ENVIRONMENT is {self.environment}"
            raise ValueError("\n".join(f"{PREFIX}{name.upper()} {reason}" for name in missing))
        return self


@cache
def get_settings() -> Settings:
    """Load the settings once per process.

    Raises ConfigurationError for a value that doesn't fit, and for an ``APP_`` variable that is
    no setting: a misspelt name must not fall back to a default in silence.
    """
    given = _read_environment() | _read_file()
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in given - known - {TESTS} if name.startswith(PREFIX))
    if unknown:
        raise ConfigurationError("\n".join(_describe_unknown(name, known) for name in unknown))
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError("\n".join(_describe_invalid(error))) from None


def _read_environment() -> set[str]:
    return {
        name.upper()
        for name, value in EnvSettingsSource(Settings).env_vars.items()
        if not is_set_by_platform(name.upper(), value or "", prefix=PREFIX)
    }


def _read_file() -> set[str]:
    try:
        names = {name.upper() for name in DotEnvSettingsSource(Settings).env_vars}
    except UnicodeDecodeError:
        names = {"\0"}
    # UTF-16 without a mark at its beginning is UTF-8, too, with a zero behind every letter.
    if any("\0" in name for name in names):
        raise ConfigurationError("the file .env is not UTF-8; save it in that encoding")
    return names


def _describe_unknown(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}."
    return f"{name} is no setting; {hint}"


def _describe_invalid(error: ValidationError) -> list[str]:
    lines = []
    # Without the input: what was given may be a secret.
    for problem in error.errors(include_url=False, include_input=False):
        variable = "".join(f"{PREFIX}{part}: ".upper() for part in problem["loc"][:1])
        lines.append(variable + problem["msg"].removeprefix("Value error, "))
    return lines
