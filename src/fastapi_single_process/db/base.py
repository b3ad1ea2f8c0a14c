"""What every model shares.

Source: https://docs.sqlalchemy.org/en/21/core/constraints.html#constraint-naming-conventions
"""

from datetime import datetime
from functools import partial

from sqlalchemy import DateTime, MetaData, orm

__all__ = ["Base", "relationship"]

relationship = partial(orm.relationship, lazy="raise")  # noqa: TID251
"""A relationship that is loaded by the query that asks for it, or not at all.

By default SQLAlchemy sends a query of its own when the attribute is first read: one for each row of
a list, in no function that has an ``await``. This one raises, and the remedy is an option of the
query, ``selectinload`` or ``joinedload``.
"""


class Base(orm.DeclarativeBase):
    """The declarative base.

    Every constraint has a name that follows from its table and columns, so that a migration can
    drop it and an error can be told by it. A ``datetime`` is stored with its timezone.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012
    # Values that the database makes come back with the INSERT or UPDATE; read later, they would
    # need a query where none can be awaited, and raise MissingGreenlet.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012
