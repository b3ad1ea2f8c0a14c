from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from fastapi_single_process.api.problems.exception import ProblemError
from fastapi_single_process.api.protocol.cursors import read_cursor, write_cursor

SECRET = SecretStr("one secret")
PATH = "/accounts"
CURSOR = write_cursor(SECRET, PATH, "019aaf5e-0000-7000-8000-000000000000")


def assert_refused(secret: SecretStr, path: str, cursor: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_cursor([secret], path, cursor)
    assert (caught.value.status_code, caught.value.problem.slug) == (400, "invalid-cursor")


@given(st.uuids().map(str) | st.integers(min_value=1))
def test_a_cursor_is_read_back(position: Any) -> None:
    assert read_cursor([SECRET], PATH, write_cursor(SECRET, PATH, position)) == position


def test_a_cursor_belongs_to_its_list_and_its_secret() -> None:
    assert_refused(SECRET, "/transfers", CURSOR)
    assert_refused(SecretStr("another secret"), PATH, CURSOR)


@given(st.integers(0, len(CURSOR) - 1), st.characters())
def test_no_character_can_be_changed(index: int, character: str) -> None:
    changed = CURSOR[:index] + character + CURSOR[index + 1 :]
    assume(changed != CURSOR)

    assert_refused(SECRET, PATH, changed)


@given(st.integers(0, len(CURSOR) - 1), st.sampled_from("!=\n ."))
def test_no_character_can_be_added(index: int, character: str) -> None:
    assert_refused(SECRET, PATH, CURSOR[:index] + character + CURSOR[index:])


@given(st.text())
@example("")
@example(".")
@example("\0")
@example("\ud800")
@example(CURSOR + "=")
def test_what_the_service_has_not_signed_is_refused(cursor: str) -> None:
    assert_refused(SECRET, PATH, cursor)
