"""The newest Python is the newest that a phase admits and that a person would use."""

import json

import pytest

from workbook.replay.shell import Outcome
from workbook.rot.toolchain import newest_python


def python(version: str, implementation: str = "cpython", variant: str = "default") -> object:
    path = f"/{implementation}-{variant}/{version}"
    return {
        "version": version,
        "path": path,
        "implementation": implementation,
        "variant": variant,
    }


@pytest.mark.parametrize(
    ("admitted", "path"),
    [
        (">=3.13", "/cpython-default/3.14.10"),
        (">=3.13,<3.14", "/cpython-default/3.13.2"),
        ("", "/cpython-default/3.14.10"),
        (">=3.16", None),
    ],
)
def test_of_the_pythons_here_the_newest_release_that_is_admitted_is_taken(
    admitted: str, path: str | None
) -> None:
    here = [
        python("3.13.2"),
        python("3.14.9"),
        python("3.14.10"),
        python("3.12.99"),
        python("3.15.0a1"),
        python("3.15.0", variant="freethreaded"),
        python("3.15.0", implementation="pypy"),
    ]

    assert newest_python(lambda _: Outcome(0, json.dumps(here)), admitted) == path


def test_without_an_answer_there_is_none() -> None:
    assert newest_python(lambda _: Outcome(2, ""), ">=3.13") is None
