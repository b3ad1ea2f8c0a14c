"""How many times a request goes to the database and back, BEGIN and COMMIT included."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from support.relay import relayed
from support.running import running

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.config import Settings
from fastapi_single_process.db.failures import DatabaseUnavailableError
from fastapi_single_process.db.session import ReadSession, Sessions, create_sessions, open_engine
from fastapi_single_process.db.transactions import run_read
from fastapi_single_process.main import create_app


async def ask(sessions: Sessions) -> object:
    async with sessions.begin() as session:
        return await session.scalar(text("SELECT 1"))


async def test_what_fails_before_it_has_begun_may_be_run_again(settings: Settings) -> None:
    async with relayed(settings) as (relay, behind), open_engine(behind) as engine:
        sessions = create_sessions(engine)
        assert await ask(sessions) == 1
        relay.breaks = True

        with pytest.raises(DatabaseUnavailableError) as caught:
            await ask(sessions)

        assert caught.value.repeatable
        assert await ask(sessions) == 1


def add_route(app: FastAPI) -> None:
    async def read(session: ReadSession) -> int:
        return await session.scalar(select(1)) or 0

    @app.get("/one")
    async def answer(state: StateDep) -> int:
        return await run_read(state["read_sessions"], read)


@pytest.mark.parametrize("path", ["/one", "/api/v1/health"])
async def test_one_statement_is_three_trips(settings: Settings, path: str) -> None:
    async with relayed(settings) as (relay, behind):
        app = create_app(behind)
        add_route(app)
        async with running(app) as client:
            for _ in ("connects", "prepares", "is warm"):
                assert (await client.get(path)).status_code == 200

            before = relay.trips
            await client.get(path)

            # BEGIN with its limits, the statement, COMMIT or ROLLBACK.
            assert relay.trips - before == 3


ACCOUNTS, TRANSFERS = "/api/v1/accounts", "/api/v1/transfers"


@pytest.mark.commits
@pytest.mark.parametrize(
    ("endpoint", "trips"),
    [
        ("GET /api/v1/accounts", 3),
        ("GET /api/v1/accounts/{account_id}", 3),
        ("GET /api/v1/accounts/{account_id}/entries", 3),
        ("GET /api/v1/transfers", 3),
        ("GET /api/v1/transfers/{transfer_id}", 3),
        ("GET /api/v1/live", 0),
        ("PATCH /api/v1/accounts/{account_id}", 3),
        ("POST /api/v1/accounts", 5),
        ("POST /api/v1/transfers", 4),
    ],
)
async def test_no_endpoint_takes_more_trips_than_its_statements_and_two(
    settings: Settings, endpoint: str, trips: int
) -> None:
    async with relayed(settings) as (relay, behind), running(create_app(behind)) as client:
        account = {"name": "Till", "currency": "EUR", "allow_negative": True}
        source, destination = [
            (await client.post(ACCOUNTS, json=account)).json()["id"] for _ in range(2)
        ]
        transfer = {"source_id": source, "destination_id": destination, "amount": 5}
        transfer["reference"] = "rent"
        made = (await client.post(TRANSFERS, json=transfer)).json()["id"]
        method, path = endpoint.format(account_id=source, transfer_id=made).split()
        bodies = {"PATCH": {"name": "Safe"}, "POST": transfer if "transfers" in path else account}
        for number in range(4):
            headers = {"if-match": "*", "idempotency-key": f"{number}"}
            before = relay.trips
            answer = await client.request(method, path, headers=headers, json=bodies.get(method))
            assert answer.is_success

        assert relay.trips - before == trips
