"""Nobody overwrites what somebody else has written meanwhile."""

import asyncio
from uuid import uuid4

import pytest
from httpx2 import AsyncClient
from support.ledger import ACCOUNTS, TRANSFERS, assert_problem, new_transfer, open_account


async def rename(client: AsyncClient, account: str, name: str, if_match: str) -> int:
    answer = await client.patch(
        f"{ACCOUNTS}/{account}", json={"name": name}, headers={"If-Match": if_match}
    )
    return answer.status_code


async def test_an_account_has_a_strong_tag_that_changes_with_it(client: AsyncClient) -> None:
    transfer = await new_transfer(client)
    path = f"{ACCOUNTS}/{transfer['source_id']}"
    opened = await client.get(path)

    renamed = await client.patch(
        path, json={"name": "Safe"}, headers={"If-Match": opened.headers["etag"]}
    )
    await client.post(TRANSFERS, json=transfer)
    moved = await client.get(path)

    tags = [answer.headers["etag"] for answer in (opened, renamed, moved)]
    assert tags == ['"1"', '"2"', '"3"']
    assert (renamed.json()["name"], renamed.json()["version"]) == ("Safe", 2)
    assert renamed.json()["updated_at"] >= opened.json()["updated_at"]


async def test_a_new_account_comes_with_its_tag(client: AsyncClient) -> None:
    answer = await client.post(ACCOUNTS, json={"name": "Till", "currency": "EUR"})

    assert answer.headers["etag"] == '"1"'
    assert (await client.get(answer.headers["location"])).json() == answer.json()


async def test_a_tag_comes_with_a_word_to_those_who_would_change_it(client: AsyncClient) -> None:
    made = await client.post(ACCOUNTS, json={"name": "Till", "currency": "EUR"})
    path, tag = made.headers["location"], made.headers["etag"]
    known = await client.get(path, headers={"If-None-Match": tag})
    renamed = await client.patch(path, json={"name": "Safe"}, headers={"If-Match": tag})
    read = await client.get(path)

    said = {answer.headers["cache-control"] for answer in (made, known, renamed, read)}
    assert said == {"private, no-cache, no-transform"}


@pytest.mark.parametrize("if_match", ['"2"', 'W/"1"', '"0"', '"99999999999999999999"', '"01"'])
async def test_a_change_from_another_version_is_refused(client: AsyncClient, if_match: str) -> None:
    account = await open_account(client)

    answer = await client.patch(
        f"{ACCOUNTS}/{account}", json={"name": "Safe"}, headers={"If-Match": if_match}
    )

    assert_problem(answer, 412, "precondition-failed")
    assert (await client.get(f"{ACCOUNTS}/{account}")).json()["name"] == "Till"


@pytest.mark.parametrize("if_match", ['"1"', "*", 'W/"1", "7", "1"'])
async def test_a_change_from_this_version_is_made(client: AsyncClient, if_match: str) -> None:
    assert await rename(client, await open_account(client), "Safe", if_match) == 200


async def test_a_change_from_no_version_is_refused(client: AsyncClient) -> None:
    path = f"{ACCOUNTS}/{await open_account(client)}"

    assert_problem(await client.patch(path, json={"name": "Safe"}), 428, "precondition-required")


async def test_an_account_that_is_not_there_has_no_version(client: AsyncClient) -> None:
    path = f"{ACCOUNTS}/{uuid4()}"

    answer = await client.patch(path, json={"name": "Safe"}, headers={"If-Match": "*"})

    assert_problem(answer, 404, "not-found")
    assert_problem(await client.get(path), 404, "not-found")
    assert_problem(await client.get(f"{path}/entries"), 404, "not-found")


@pytest.mark.parametrize("known", ['"1"', 'W/"1"', "*", '"7", "1"'])
async def test_who_has_this_version_gets_no_body(client: AsyncClient, known: str) -> None:
    path = f"{ACCOUNTS}/{await open_account(client)}"

    answer = await client.get(path, headers={"If-None-Match": known})
    head = await client.head(path, headers={"If-None-Match": known})

    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
    assert head.status_code == 304


async def test_who_has_another_version_gets_this_one(client: AsyncClient) -> None:
    path = f"{ACCOUNTS}/{await open_account(client)}"

    answer = await client.get(path, headers={"If-None-Match": '"7"'})

    assert (answer.status_code, answer.json()["version"]) == (200, 1)


@pytest.mark.commits
async def test_of_many_changes_at_once_one_is_made(client: AsyncClient) -> None:
    account = await open_account(client)

    statuses = await asyncio.gather(
        *(rename(client, account, f"Name {number}", '"1"') for number in range(8))
    )

    assert sorted(statuses) == [200] + [412] * 7
    assert (await client.get(f"{ACCOUNTS}/{account}")).json()["version"] == 2
