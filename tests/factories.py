"""Rows for the tests: ``await HealthCheckFactory.create_async()`` writes one and gives it back.

A value that a test doesn't name is made up, and fits its column. Source:
https://polyfactory.litestar.dev/latest/usage/library_factories/sqlalchemy_factory.html
"""

from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory

from fastapi_single_process.db.models import HealthCheck

__all__ = ["Factory", "HealthCheckFactory"]


class Factory[Model](SQLAlchemyFactory[Model]):
    """What the factories share: they write through the test's session.

    Keys and related rows are the database's and the test's to choose.
    """

    __is_base_factory__ = True
    __set_primary_key__ = False
    __set_foreign_keys__ = False
    __set_relationships__ = False


class HealthCheckFactory(Factory[HealthCheck]):
    """Rows that the health check may read."""
