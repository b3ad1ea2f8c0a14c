import logging

import pytest

from fastapi_single_process.config import Settings
from fastapi_single_process.main import configure_logging, create_app

LOGGER = logging.getLogger("fastapi_single_process")


@pytest.mark.parametrize("level", ["DEBUG", "ERROR"])
def test_an_application_leaves_the_process_its_log(level: str) -> None:
    before = (LOGGER.level, [*logging.getLogger().handlers])

    create_app(Settings.model_validate({"log_level": level}))

    assert (LOGGER.level, logging.getLogger().handlers) == before


def test_the_process_prints_from_the_level_that_is_set() -> None:
    before = LOGGER.level

    configure_logging(Settings.model_validate({"log_level": "ERROR"}))

    assert LOGGER.level == logging.ERROR
    LOGGER.setLevel(before)
