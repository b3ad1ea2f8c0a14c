from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastapi_single_process.api.problems.exception import ProblemError
from fastapi_single_process.api.protocol.etags import etag, is_known, required_versions


@given(st.integers(1, 10**18 - 1))
def test_a_version_is_read_back_from_its_tag(version: int) -> None:
    assert required_versions(etag(version)) == frozenset({version})
    assert is_known(etag(version), version)


@pytest.mark.parametrize(
    ("if_match", "versions"),
    [
        ("*", None),
        (' "3" , "4",', {3, 4}),
        ('W/"3", "4"', {4}),
        ('"03"', set()),
        ('"-3"', set()),
        ('""', set()),
        ('"9999999999999999999999"', set()),
        ('"a,\\"', set()),
    ],
)
def test_a_change_starts_from_a_strong_tag(if_match: str, versions: set[int] | None) -> None:
    assert required_versions(if_match) == versions


@pytest.mark.parametrize(
    ("if_none_match", "known"),
    [
        ("*", True),
        ('"3"', True),
        ('W/"3"', True),
        ('"2", "3"', True),
        ('"2"', False),
        ('"03"', False),
    ],
)
def test_a_weak_tag_will_do_to_know_a_version(if_none_match: str, known: bool) -> None:
    assert is_known(if_none_match, 3) is known


def test_without_a_tag_nothing_is_known_and_nothing_may_be_changed() -> None:
    assert not is_known(None, 3)
    with pytest.raises(ProblemError) as caught:
        required_versions(None)
    assert caught.value.status_code == 428


@pytest.mark.parametrize("if_match", ['W/"3"', 'W/"3", W/"4"'])
def test_weak_tags_alone_are_refused_as_what_they_are(if_match: str) -> None:
    with pytest.raises(ProblemError, match="weak") as caught:
        required_versions(if_match)

    assert caught.value.status_code == 412


@given(st.text())
@example('"3", *')
@example('"3"' + "," * 60_000 + "x")
@example('"3"' + " " * 60_000 + "x")
def test_any_header_is_read_or_refused(value: str) -> None:
    with suppress(ProblemError):
        required_versions(value)


@pytest.mark.parametrize("value", ["", "3", '"3', '"3" "4"', 'w/"3"', '*, "3"', '"' * 60_001])
def test_what_is_no_list_of_tags_is_a_400(value: str) -> None:
    with pytest.raises(ProblemError) as caught:
        required_versions(value)

    assert caught.value.status_code == 400
