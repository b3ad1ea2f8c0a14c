"""What every model shares.

Source: https://docs.sqlalchemy.org/en/21/core/constraints.html#constraint-naming-conventions
"""

from datetime import datetime

from sqlalchemy import DateTime, MetaData
from sqlalchemy.orm import DeclarativeBase

__all__ = ["Base"]


class Base(DeclarativeBase):
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
