"""A request that comes again has its effect once."""

import asyncio
import json
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import func, select, text
from support.ledger import ACCOUNTS, TRANSFERS, assert_problem, new_transfer, open_account
from support.locks import until_somebody_waits
from support.queries import at_most
from support.running import running

from fastapi_single_process.config import Settings
from fastapi_single_process.db.models import IdempotencyKey, Transfer
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.main import create_app
from fastapi_single_process.services.errors import KeyInUseError
from fastapi_single_process.services.idempotency import KeyedRequest, find_response

COUNT = select(func.count()).select_from(Transfer)
OPERATIONS = {TRANSFERS: "create_transfer", ACCOUNTS: "create_account"}
CREATED_ACCOUNT = {"name": "Till", "currency": "EUR", "allow_negative": False}


async def send(
    client: AsyncClient, body: dict[str, Any], key: str = '"a key"', path: str = TRANSFERS
) -> Response:
    return await client.post(path, json=body, headers={"Idempotency-Key": key})


def assert_same(first: Response, second: Response) -> None:
    """See that the second answer is the first one again."""
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.status_code == first.status_code == 201
    assert second.headers["location"] == first.headers["location"]
    assert second.headers.get("etag") == first.headers.get("etag")
    assert second.content == first.content


async def test_a_transfer_that_comes_twice_is_made_once(
    client: AsyncClient, session: AsyncSession
) -> None:
    body = await new_transfer(client)

    first, second = await send(client, body), await send(client, body)

    assert_same(first, second)
    assert await session.scalar(COUNT) == 1


async def test_an_account_that_is_opened_twice_is_there_once(client: AsyncClient) -> None:
    first = await send(client, CREATED_ACCOUNT, path=ACCOUNTS)
    second = await send(client, CREATED_ACCOUNT, path=ACCOUNTS)

    assert_same(first, second)
    assert len((await client.get(ACCOUNTS)).json()["items"]) == 1


async def test_without_a_key_each_request_counts(
    client: AsyncClient, session: AsyncSession
) -> None:
    body = await new_transfer(client)

    first = await client.post(TRANSFERS, json=body)
    second = await client.post(TRANSFERS, json=body)

    assert first.json()["id"] != second.json()["id"]
    assert await session.scalar(COUNT) == 2
    assert await session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


async def test_the_same_json_in_another_order_is_the_same_request(client: AsyncClient) -> None:
    body = await new_transfer(client)
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    reordered = json.dumps(dict(reversed(body.items())), indent=4)

    first = await send(client, body, "k")
    second = await client.post(TRANSFERS, content=reordered, headers=headers)

    assert_same(first, second)


async def test_what_the_model_reads_alike_is_the_same_request(client: AsyncClient) -> None:
    body = await new_transfer(client)
    capitals = body | {"source_id": body["source_id"].upper()}
    account = {"name": "Till", "currency": "EUR"}

    assert_same(await send(client, body), await send(client, capitals))
    assert_same(
        await send(client, account, path=ACCOUNTS),
        await send(client, account | {"allow_negative": False}, path=ACCOUNTS),
    )


@pytest.mark.parametrize("path", [TRANSFERS, ACCOUNTS])
async def test_an_installation_may_require_a_key(settings: Settings, path: str) -> None:
    app = create_app(settings.model_copy(update={"idempotency_key_required": True}))

    async with running(app) as client:
        answer = await client.post(path, json=CREATED_ACCOUNT)

    assert_problem(answer, 400, "key-required")


@pytest.mark.parametrize("path", [TRANSFERS, ACCOUNTS])
async def test_a_key_with_another_body_is_refused(client: AsyncClient, path: str) -> None:
    body = await new_transfer(client) if path == TRANSFERS else CREATED_ACCOUNT
    other = body | ({"amount": 6} if path == TRANSFERS else {"name": "Safe"})
    await send(client, body, path=path)

    assert_problem(await send(client, other, path=path), 422, "key-reused")


async def test_a_key_belongs_to_one_operation(client: AsyncClient) -> None:
    body = await new_transfer(client)

    assert (await send(client, body)).status_code == 201
    assert (await send(client, CREATED_ACCOUNT, path=ACCOUNTS)).status_code == 201


async def test_a_key_is_the_same_whichever_way_the_request_comes(
    app: FastAPI, client: AsyncClient, session: AsyncSession
) -> None:
    body = await new_transfer(client)
    direct = await send(client, body)

    app.root_path = "/ledger"
    behind = await send(client, body, path=f"/ledger{TRANSFERS}")

    assert behind.content == direct.content
    assert behind.headers["idempotent-replayed"] == "true"
    assert behind.headers["location"] == f"/ledger{direct.headers['location']}"
    assert await session.scalar(COUNT) == 1


async def test_a_refusal_is_not_kept(client: AsyncClient, session: AsyncSession) -> None:
    poor, rich = await open_account(client, allow_negative=False), await open_account(client)
    body = {"source_id": poor, "destination_id": rich, "amount": 5, "reference": ""}
    back = {"source_id": rich, "destination_id": poor, "amount": 5, "reference": ""}

    assert_problem(await send(client, body), 409, "insufficient-funds")
    await client.post(TRANSFERS, json=back)

    assert (await send(client, body)).status_code == 201


@pytest.mark.parametrize(
    ("one", "other"),
    [('"abc"', "abc"), (r'"a\"b\\c"', r'"a\"b\\c"'), ("a" * 255, f'"{"a" * 255}"')],
)
async def test_a_key_is_a_string_or_a_token(client: AsyncClient, one: str, other: str) -> None:
    body = await new_transfer(client)

    assert_same(await send(client, body, one), await send(client, body, other))


@pytest.mark.parametrize(
    "key",
    [
        "",
        '""',
        '"',
        "a" * 256,
        f'"{"a" * 256}"',
        "a b",
        "a,b",
        '"a',
        'a"',
        r'"\a"',
        "käse",
        '"\t"',
        "a;q=1",
    ],
)
async def test_what_is_no_key_is_a_400(client: AsyncClient, key: str) -> None:
    headers = [(b"Idempotency-Key", key.encode()), (b"Content-Type", b"application/json")]

    answer = await client.post(ACCOUNTS, content=json.dumps(CREATED_ACCOUNT), headers=headers)

    assert_problem(answer, 400, "malformed-header")


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a"}])
async def test_a_body_that_is_missing_is_missed_with_a_key_too(
    client: AsyncClient, headers: dict[str, str]
) -> None:
    json = {"Content-Type": "application/json"}

    assert_problem(await client.post(ACCOUNTS, headers=json | headers), 422, "invalid-request")


async def test_a_transfer_takes_two_round_trips_with_a_key_too(client: AsyncClient) -> None:
    body = await new_transfer(client)

    for key in ("first", "first"):
        with at_most(2) as sent:
            assert (await send(client, body, key)).status_code == 201
        assert len(sent) == 2
    with at_most(2):
        assert (await client.post(TRANSFERS, json=body)).status_code == 201


async def test_a_key_that_is_forgotten_in_this_moment_can_be_tried_again(
    session: AsyncSession,
) -> None:
    with pytest.raises(KeyInUseError):
        await find_response(session, KeyedRequest("create_transfer", "a key", b""))


@pytest.mark.commits
async def test_of_many_at_once_one_has_the_effect(
    client: AsyncClient, session: AsyncSession
) -> None:
    body = await new_transfer(client)

    answers = await asyncio.gather(*(send(client, body) for _ in range(12)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert await session.scalar(COUNT) == 1


@pytest.mark.commits
async def test_a_repeated_transfer_of_all_the_money_is_not_refused(client: AsyncClient) -> None:
    poor, rich = await open_account(client, allow_negative=False), await open_account(client)
    body = {"source_id": rich, "destination_id": poor, "amount": 5, "reference": ""}
    await client.post(TRANSFERS, json=body)
    back = {"source_id": poor, "destination_id": rich, "amount": 5, "reference": ""}

    answers = await asyncio.gather(*(send(client, back) for _ in range(6)))

    assert [answer.status_code for answer in answers] == [201] * 6


@pytest.mark.commits
async def test_an_answer_that_is_kept_waits_for_no_account(
    client: AsyncClient, session: AsyncSession
) -> None:
    body = await new_transfer(client)
    first = await send(client, body)
    await session.execute(text("SELECT FROM accounts FOR UPDATE"))

    assert_same(first, await send(client, body))


class TestAFirstRequestThatIsUnderWay:
    """What a second one does meanwhile."""

    pytestmark = pytest.mark.commits

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"database_lock_timeout": 0.5})

    async def take(self, session: AsyncSession, path: str) -> None:
        """Take the key, as a request does that is under way."""
        key = IdempotencyKey(operation=OPERATIONS[path], key="a key", fingerprint=b"")
        session.add(key)
        await session.flush()

    @pytest.mark.parametrize("path", [TRANSFERS, ACCOUNTS])
    async def test_is_waited_for_with_a_limit(
        self, client: AsyncClient, session: AsyncSession, path: str
    ) -> None:
        body = await new_transfer(client) if path == TRANSFERS else CREATED_ACCOUNT
        await self.take(session, path)

        assert_problem(await send(client, body, path=path), 409, "key-in-use")

    async def test_makes_room_if_it_fails(self, client: AsyncClient, session: AsyncSession) -> None:
        body = await new_transfer(client)
        await self.take(session, TRANSFERS)

        async with asyncio.TaskGroup() as tasks:
            second = tasks.create_task(send(client, body))
            await until_somebody_waits(session)
            # Who waits for a key holds no account: others can move money meanwhile.
            await session.execute(text("SELECT FROM accounts FOR UPDATE NOWAIT"))
            await session.rollback()

        assert second.result().status_code == 201
        assert "idempotent-replayed" not in second.result().headers

    async def test_holds_other_locks_and_the_service_is_busy(
        self, client: AsyncClient, session: AsyncSession
    ) -> None:
        body = await new_transfer(client)
        await session.execute(text("SELECT FROM accounts FOR UPDATE"))

        answer = await send(client, body)

        assert_problem(answer, 503, "too-busy")
        assert answer.headers["retry-after"] == "1"


@pytest.mark.commits
async def test_a_transaction_that_runs_again_takes_its_key_again(
    client: AsyncClient, session: AsyncSession
) -> None:
    # A sequence isn't rolled back: the first attempt fails, the second doesn't.
    await session.execute(text("CREATE SEQUENCE attempts"))
    await session.execute(
        text("""
            CREATE FUNCTION fail_once() RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
                IF nextval('attempts') = 1 THEN RAISE 'again' USING ERRCODE = '40001'; END IF;
                RETURN NULL;
            END $$
        """)
    )
    await session.execute(
        text("CREATE TRIGGER once AFTER INSERT ON transfers EXECUTE FUNCTION fail_once()")
    )
    await session.commit()
    body = await new_transfer(client)

    first, second = await send(client, body), await send(client, body)

    assert_same(first, second)
    assert await session.scalar(text("SELECT last_value FROM attempts")) == 2
    assert await session.scalar(COUNT) == 1
