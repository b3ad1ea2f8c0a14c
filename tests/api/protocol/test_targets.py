"""What the server leaves to the application: the first line of a request, and how long it is."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, Request
from support.running import serving

pytestmark = pytest.mark.commits

LIVE = "/api/v1/live"


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    @app.get("/seen")
    async def see(request: Request) -> str:
        return f"{request.headers.getlist('host')} {request.url.path} {request.url.query}"

    with serving(app) as address:
        yield address


def send(address: str, *lines: str, body: str = "") -> str:
    """Send lines as they are, and read until the server closes, or a second request is answered."""
    to = urlsplit(address)
    with socket.create_connection((to.hostname, to.port), timeout=10) as connection:
        last = "GET /end HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
        connection.sendall(f"{'\r\n'.join(lines)}\r\n\r\n{body}{last}".encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("http://b/seen", "['b'] /seen "),
        ("HTTPS://b:80/seen?a=http://c", "['b:80'] /seen a=http://c"),
        ("http://b/%73een", "['b'] /seen "),
        ("/seen?a=http://c/d", "['a'] /seen a=http://c/d"),
    ],
)
def test_an_absolute_target_is_its_path(address: str, target: str, seen: str) -> None:
    answer = send(address, f"GET {target} HTTP/1.1", "Host: a")

    assert answer.startswith("HTTP/1.1 200 ")
    assert f'"{seen}"' in answer


@pytest.mark.parametrize("target", ["http://b", "http://b/nowhere", "http:///seen", "//b/seen"])
def test_what_it_leads_to_need_not_be_there(address: str, target: str) -> None:
    assert send(address, f"GET {target} HTTP/1.1", "Host: a").startswith("HTTP/1.1 404 ")


def test_behind_a_prefix_an_absolute_target_is_its_path(app: FastAPI, address: str) -> None:
    app.root_path = "/ledger"

    answer = send(address, f"GET http://b{LIVE} HTTP/1.1", "Host: a")

    assert answer.startswith("HTTP/1.1 200 ")


def test_the_server_itself_can_be_asked_for_options(address: str) -> None:
    answer = send(address, "OPTIONS * HTTP/1.1", "Host: a")

    assert answer.startswith("HTTP/1.1 204 ")
    assert send(address, "GET * HTTP/1.1", "Host: a").startswith("HTTP/1.1 404 ")


def test_a_request_of_two_lengths_is_the_last_of_its_connection(address: str) -> None:
    lengths = ("Content-Length: 5", "Transfer-Encoding: chunked")
    body = "2\r\nab\r\n0\r\n\r\n"

    answer = send(address, f"POST {LIVE} HTTP/1.1", "Host: a", *lengths, body=body)

    assert answer.startswith("HTTP/1.1 400 ")
    assert "/problems/malformed-header" in answer
    assert answer.count("HTTP/1.1 ") == 1
