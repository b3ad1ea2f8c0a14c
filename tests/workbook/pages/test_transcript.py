"""Commands, what they print, and what may differ."""

import itertools
from pathlib import Path

import pytest

from workbook.pages.blocks import Block, Kind
from workbook.pages.transcript import Command, TranscriptError, accept, match, parse, render


def console(text: str) -> Block:
    return Block(Path("page.md"), 10, Kind.TRANSCRIPT, "console", None, {}, 0, text, "```")


def lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()


def test_commands_are_read_with_their_output_and_line() -> None:
    commands = parse(console("$ a\none\n\ntwo\n$ b\n"))

    assert commands == (Command("a", ("one", "", "two"), 11), Command("b", (), 15))


def test_a_command_goes_on_behind_the_second_prompt() -> None:
    commands = parse(console("$ cat <<'END'\n> $ x\n>\n> END\n$ x\n> y\n"))

    assert commands[0].text == "cat <<'END'\n$ x\n\nEND"
    assert commands[0].expected == ()


def test_a_second_prompt_in_an_output_is_output() -> None:
    (command,) = parse(console("$ a\nout\n> more\n"))

    assert command.expected == ("out", "> more")


def test_a_transcript_that_begins_with_output_is_refused() -> None:
    with pytest.raises(TranscriptError) as caught:
        parse(console("output\n$ a\n"))

    assert caught.value.place == "page.md:11"
    assert caught.value.remedy


def test_what_is_read_is_written_the_same() -> None:
    text = "$ cat <<'END'\n> x\n>\n> END\nout\n\nmore\n$ b\n"

    assert render(parse(console(text))) == text


@pytest.mark.parametrize(
    ("command", "background"),
    [("a &", True), ("a&", True), ("a && b", False), ("a & b", False), ("a &&", False)],
)
def test_a_command_that_ends_in_an_ampersand_stays_in_the_background(
    command: str, background: bool
) -> None:
    assert Command(command, (), 1).in_background is background


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("", ""),
        ("a|b", "a|b"),
        ("a  ", "a"),
        ("a", "a||"),
        ("...", ""),
        ("...", "a|b"),
        ("a|...", "a"),
        ("a|...", "a|b|c"),
        ("...|c", "a|b|c"),
        ("a|...|c", "a|c"),
        ("a|...|c|...", "a|c|b|c|d"),
        ("  ...|b", "a|b"),
        ("a...", "a"),
        ("a...", "a and more"),
        ("waiting...", "waiting..."),
        ("id <uuid>", "id 0193a1b2-7c3d-7e4f-8a5b-0123456789ab"),
        ("at <time>", "at 2026-11-23T04:05:06.123456Z"),
        ("at <time>", "at 2026-11-23 04:05:06,123"),
        ("at <time>", "at 04:05:06"),
        ("at <time>", "at Mon Nov 23 04:05:06 2026 +0000"),
        ("date: <time>", "date: Mon, 23 Nov 2026 04:05:06 GMT"),
        ("<time>_x.py", "20261123_0405_x.py"),
        ("in <duration>", "in 12ms"),
        ("in <duration>.", "in 1.25 s."),
        ("in <duration>", "in 1m 02s"),
        ("in <duration>", "in 71.30s (0:01:11)"),
        ("[main <hash>] x", "[main 0a1b2c3] x"),
        ("pid <int>, <int>", "pid 12, 345"),
        ("(.*)", "(.*)"),
        ("15", "      15"),
        ("     149 alembic.ini", "149 alembic.ini"),
        ("<int> files", "   3 files"),
        ("===== 2 passed =====", "========= 2 passed ========="),
        ("____ <int> ____", "_______ 12 ______"),
        ("-------|────────", "----|────"),
    ],
)
def test_an_output_matches(expected: str, actual: str) -> None:
    assert match(lines(expected), lines(actual))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("", "a"),
        ("a", ""),
        ("a", "b"),
        ("a|b", "a"),
        ("a", "a|b"),
        ("a", " a"),
        ("a|...|c", "a|b"),
        ("...|c", "c|d"),
        ("a...", "b"),
        ("(.*)", "x"),
        ("id <uuid>", "id 0193a1b2"),
        ("at <time>", "at noon"),
        ("in <duration>", "in 12"),
        ("<hash>", "0a1b2c"),
        ("<int>", "x"),
        ("<int>", "1.5"),
        ("1 file", "2 files"),
        ("15", "\t15"),
        ("  a", "    a"),
        ("__init__", "_init_"),
        ("--- a", "---- a"),
        ("======", "------"),
        ("====", ""),
        ("....... [100%]", ".... [100%]"),
    ],
)
def test_an_output_does_not_match(expected: str, actual: str) -> None:
    assert not match(lines(expected), lines(actual))


@pytest.mark.parametrize(
    ("expected", "actual", "accepted"),
    [
        ("", "a|b", "a|b"),
        ("a|b", "", ""),
        ("in <duration>|old", "in 12ms|new", "in <duration>|new"),
        ("a|...|z", "b|x|y|z", "b|...|z"),
        ("...|old|z", "x|new|z", "...|z"),
        ("a|gone|c", "a|c", "a|c"),
        ("a|c", "a|b|c", "a|b|c"),
        ("", "[main 0a1b2c3] x", "[main <hash>] x"),
        ("", "deadbee 1234567", "deadbee 1234567"),
        ("", "Resolved 4 packages in 12ms", "Resolved 4 packages in <duration>"),
        ("", '{"last_check":"2026-11-23T04:05:06Z"}', '{"last_check":"<time>"}'),
        ("", "Started server process [4711]", "Started server process [<int>]"),
        ("", "id 0193a1b2-7c3d-7e4f-8a5b-0123456789ab", "id <uuid>"),
        ("", "3 passed in 0.02s", "3 passed in <duration>"),
        ("", "3 passed in 71.30s (0:01:11)", "3 passed in <duration>"),
    ],
)
def test_what_came_is_accepted_in_the_words_of_the_page(
    expected: str, actual: str, accepted: str
) -> None:
    assert accept(lines(expected), lines(actual)) == lines(accepted)


def test_what_is_accepted_matches() -> None:
    words = ("a", "b", "...")
    outputs = [o for n in range(4) for o in itertools.product(("a", "b", "c"), repeat=n)]
    pages = [p for n in range(4) for p in itertools.product(words, repeat=n)]

    for expected, actual in itertools.product(pages, outputs):
        accepted = accept(expected, actual)
        assert match(accepted, actual), (expected, actual, accepted)
        assert not match(expected, actual) or accepted == expected
