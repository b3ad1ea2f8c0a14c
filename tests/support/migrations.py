"""Alembic as the tests run it, and what they ask of a migration."""

import io
import os
import subprocess
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from support.container_engine import ROOT

__all__ = ["configuration", "lint", "printed", "read_schema", "scripts", "write_migration"]

# Everything that a migration can make, by kind and name: "column id of table health_checks".
SCHEMA = text("""
    WITH object (class, id, part, namespace) AS (
        SELECT 'pg_class'::regclass, oid, 0, relnamespace FROM pg_class
        UNION ALL
        SELECT 'pg_class'::regclass, attrelid, attnum, relnamespace
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE attnum > 0 AND NOT attisdropped
        UNION ALL SELECT 'pg_constraint'::regclass, oid, 0, connamespace FROM pg_constraint
        UNION ALL SELECT 'pg_proc'::regclass, oid, 0, pronamespace FROM pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, 0, typnamespace FROM pg_type
        UNION ALL
        SELECT 'pg_trigger'::regclass, pg_trigger.oid, 0, relnamespace
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal
    )
    SELECT pg_describe_object(class, id, part) FROM object
    WHERE namespace = 'public'::regnamespace
""")


def configuration(*more_versions: Path) -> Config:
    """Give the project's configuration, with further folders of migrations if need be."""
    output = io.StringIO()
    config = Config(toml_file=ROOT / "pyproject.toml", stdout=output, output_buffer=output)
    folders = dict.fromkeys((ROOT / "alembic/versions", *more_versions))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(str, folders)))
    return config


def printed(config: Config) -> str:
    """Give what Alembic has printed."""
    assert isinstance(config.stdout, io.StringIO)
    return config.stdout.getvalue()


def scripts(config: Config) -> list[Script]:
    """Give every migration, the first one first."""
    return list(ScriptDirectory.from_config(config).walk_revisions())[::-1]


def write_migration(config: Config, folder: Path, statement: str) -> Script:
    """Write a new migration from the template, with a statement in its upgrade."""
    script = command.revision(config, "new", version_path=folder)
    assert isinstance(script, Script)
    file, end = Path(script.path), "\n\n\ndef downgrade"
    file.write_text(file.read_text().replace(end, f"\n    op.execute({statement!r}){end}"))
    return script


def lint(script: Script) -> str:
    """Give what squawk has against the SQL that a migration runs; nothing if it is well.

    Source: https://squawkhq.com/docs/rules
    """
    config = configuration(Path(script.path).parent)
    command.upgrade(config, f"{script.down_revision or 'base'}:{script.revision}", sql=True)
    # Before this line stands what Alembic does for itself.
    _, line, sql = printed(config).partition("-- Running upgrade")
    squawk = ["squawk", "--pg-version=18", "--reporter=gcc", "--stdin-filepath=migration.sql"]
    run = subprocess.run(
        squawk, input=f"BEGIN;\n{line}{sql}", capture_output=True, text=True, check=False
    )
    assert run.returncode == bool(run.stdout), run.stderr
    return run.stdout


async def read_schema(url: URL) -> set[str]:
    """List everything in a database's schema that migrations made."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.scalars(SCHEMA)
    await engine.dispose()
    return {one for one in found if "alembic_version" not in one}
