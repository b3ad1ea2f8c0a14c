"""Of all that a failed command prints, one line says why."""

import pytest

from workbook.rot.reasons import first_reason


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            "E   AssertionError\n=== short test summary info ===\n"
            "FAILED tests/test_a.py::test_a - AssertionError\n1 failed in 0.1s\n",
            "FAILED tests/test_a.py::test_a - AssertionError",
        ),
        (
            "ERROR tests/test_a.py - ImportError: no module\n"
            "FAILED tests/test_b.py::test_b\nERROR tests/test_c.py\n3 errors\n",
            "ERROR tests/test_a.py - ImportError: no module (and 2 more)",
        ),
        (
            "error: a log line of a test\nFAILED tests/test_a.py::test_a\n",
            "FAILED tests/test_a.py::test_a",
        ),
        (
            "FAIL Required test coverage of 100% not reached. Total coverage: 99.00%\n9 passed\n",
            "FAIL Required test coverage of 100% not reached. Total coverage: 99.00%",
        ),
        ("ERROR: no such file\n\n", "ERROR: no such file"),
        (
            "error: No solution found when resolving dependencies\n"
            "  cause: Because a==1 depends on b<2 …\n  cause: and more\n",
            "error: No solution found when resolving dependencies: Because a==1 depends on b<2 …",
        ),
        (
            "warning: old\nerror: Failed to spawn: `greet`\nhint: install it\n",
            "error: Failed to spawn: `greet`",
        ),
        ("Traceback (most recent call last):\nValueError: no\n\n", "ValueError: no"),
        ("\n", "it printed nothing"),
    ],
)
def test_the_first_line_that_says_why_is_found(output: str, reason: str) -> None:
    assert first_reason(output) == reason
