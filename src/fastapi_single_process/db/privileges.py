"""What the service's role may do: what the models say, and nothing else.

Source: https://www.postgresql.org/docs/18/ddl-priv.html
"""

from sqlalchemy import Connection, MetaData, text

__all__ = ["RoleMissingError", "list_grants"]

ROLE = text("SELECT oid FROM pg_roles WHERE rolname = :role")
HELD = text("""
    SELECT relname, ARRAY(SELECT privilege_type FROM aclexplode(relacl) WHERE grantee = :oid)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
""")
ALEMBIC = {"alembic_version": {"SELECT"}}


class RoleMissingError(Exception):
    """The role that the service connects as isn't there; the text says how to make it."""


def list_grants(connection: Connection, metadata: MetaData, role: str) -> list[str]:
    """List the statements that leave a role what each model names as ``service``, and no more.

    Nothing is listed where that is so already. A table that no model has made is the owner's alone.
    """
    quote = connection.dialect.identifier_preparer.quote
    oid = connection.scalar(ROLE, {"role": role})
    if oid is None:
        raise RoleMissingError(
            f"there is no role {role}, which APP_DATABASE_URL names; make it, as the owner:"
            f" CREATE ROLE {quote(role)} LOGIN PASSWORD '…'"
        )
    wanted = {table.name: set(table.info.get("service", ())) for table in metadata.tables.values()}
    wanted |= ALEMBIC
    statements = []
    for table, held in connection.execute(HELD, {"oid": oid}):
        privileges = wanted.get(table, set())
        if privileges == set(held):
            continue
        statements.append(f"REVOKE ALL ON {quote(table)} FROM {quote(role)}")
        if privileges:
            listed = ", ".join(sorted(privileges))
            statements.append(f"GRANT {listed} ON {quote(table)} TO {quote(role)}")
    return statements
