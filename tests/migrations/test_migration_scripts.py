"""What holds of every migration in the folder."""

import asyncio

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import Script
from sqlalchemy.engine import URL
from support.migrations import configuration, lint, read_schema, scripts


def test_each_goes_up_down_to_where_it_was_and_up_again(
    alembic: Config, new_database_url: URL
) -> None:
    for script in scripts(alembic):
        before = asyncio.run(read_schema(new_database_url))
        command.upgrade(alembic, script.revision)
        after = asyncio.run(read_schema(new_database_url))

        command.downgrade(alembic, "-1")
        assert asyncio.run(read_schema(new_database_url)) == before, f"{script.path}: downgrade"

        command.upgrade(alembic, script.revision)
        assert asyncio.run(read_schema(new_database_url)) == after


def test_together_they_make_what_the_models_say(alembic: Config) -> None:
    command.upgrade(alembic, "head")

    command.check(alembic)


@pytest.mark.parametrize("script", scripts(configuration()), ids=lambda script: script.revision)
def test_none_keeps_the_service_waiting(script: Script) -> None:
    assert lint(script) == ""
