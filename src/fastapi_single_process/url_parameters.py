"""What may stand behind the ``?`` of the database's URL.

Every parameter goes to asyncpg, which knows other ones than libpq. One that it doesn't know would
fail at the first connection, in other words: it is translated or refused where it is read.
Source: https://magicstack.github.io/asyncpg/current/api/index.html#connection
"""

import re

from sqlalchemy.engine import URL

__all__ = ["translate_parameters"]

SSL = "disable|allow|prefer|require|verify-ca|verify-full"
SESSION = "any|primary|standby|read-write|read-only|prefer-standby"
# The values that a parameter may have.
KNOWN = {
    "host": r"[\w.:-]+|/.+",
    "port": r"\d+(,\d+)*",
    "prepared_statement_cache_size": r"\d+",
    "ssl": SSL,
    "target_session_attrs": SESSION,
}
ALIASES = {"sslmode": "ssl"}  # libpq's name
REMEDIES = {
    "command_timeout": "set APP_DATABASE_COMMAND_TIMEOUT instead",
    "connect_timeout": "set APP_DATABASE_CONNECT_TIMEOUT instead",
    "lock_timeout": "set APP_DATABASE_LOCK_TIMEOUT instead",
    "statement_timeout": "set APP_DATABASE_COMMAND_TIMEOUT instead",
    "timeout": "set APP_DATABASE_CONNECT_TIMEOUT instead",
}


def translate_parameters(url: URL) -> URL:
    """Give the URL with the parameters as asyncpg calls them.

    Raises ValueError with the name of one that can't be used, and never with its value.
    """
    query = {}
    for name, value in url.query.items():
        translated = ALIASES.get(name, name)
        if translated not in KNOWN:
            remedy = REMEDIES.get(name, "take it out")
            raise ValueError(f"has the parameter {name}, which asyncpg doesn't know; {remedy}")
        values = (value,) if isinstance(value, str) else value
        if not all(re.fullmatch(KNOWN[translated], one) for one in values):
            allowed = KNOWN[translated].replace("|", ", ")
            raise ValueError(f"has a value of {name} that isn't one of: {allowed}")
        query[translated] = value
    return url.set(query=query)
