"""``/accounts``: open, rename and read them."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.api.openapi import (
    BODY_PROBLEMS,
    ETAG_HEADER,
    KEY_PROBLEMS,
    LINK,
    LOCATION,
    PAGE_PROBLEMS,
    REPLAYED_HEADER,
    documented,
)
from fastapi_single_process.api.paths import route_path
from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.protocol.etags import (
    IF_MATCH,
    IfMatch,
    IfNoneMatch,
    is_known,
    required_versions,
    version_headers,
)
from fastapi_single_process.api.protocol.idempotency import (
    IdempotencyKeyDep,
    run_idempotent,
    to_keyed_request,
)
from fastapi_single_process.api.protocol.pagination import PageDep, make_page
from fastapi_single_process.api.protocol.requests import ContractRoute
from fastapi_single_process.api.protocol.stored_responses import created_response, to_response
from fastapi_single_process.db import models
from fastapi_single_process.db.session import ReadSession
from fastapi_single_process.db.transactions import run_read, run_transaction
from fastapi_single_process.schemas.account import Account, AccountCreate, AccountUpdate
from fastapi_single_process.schemas.entry import Entry
from fastapi_single_process.schemas.page import Page
from fastapi_single_process.services import accounts, transfers
from fastapi_single_process.services.idempotency import StoredResponse

__all__ = ["router"]

router = APIRouter(prefix="/accounts", tags=["accounts"], route_class=ContractRoute)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=Account,
    responses=documented(
        HTTPStatus.CREATED,
        (LOCATION, ETAG_HEADER, REPLAYED_HEADER),
        (*BODY_PROBLEMS, *KEY_PROBLEMS),
    ),
)
async def create_account(
    new: AccountCreate, state: StateDep, key: IdempotencyKeyDep, request: Request
) -> Response:
    """Open an account, with nothing in it."""

    def render(opened: models.Account) -> StoredResponse:
        account = Account.model_validate(opened)
        place = route_path(request, "get_account", account_id=account.id)
        return created_response(account, place, **version_headers(account.version))

    keyed = to_keyed_request(request, key, new)
    answer = await run_idempotent(
        state["sessions"], keyed, render, accounts.open_account, **new.model_dump()
    )
    return to_response(request, answer)


@router.get("", responses=documented(HTTPStatus.OK, [LINK], PAGE_PROBLEMS))
async def list_accounts(requested: PageDep) -> Page[Account]:
    """List the accounts, the newest first."""
    return await make_page(requested, accounts.list_accounts, Account.model_validate)


@router.get(
    "/{account_id}",
    response_model=Account,
    responses=documented(
        (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED),
        [ETAG_HEADER],
        (catalogue.NOT_FOUND, catalogue.INVALID_REQUEST),
    ),
)
async def get_account(
    state: StateDep, account_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Read an account."""
    found = await run_read(state["read_sessions"], accounts.get_account, account_id)
    account = Account.model_validate(found)
    headers = version_headers(account.version)
    if is_known(if_none_match, account.version):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(account.model_dump_json(), headers=headers, media_type="application/json")


@router.patch(
    "/{account_id}",
    openapi_extra=IF_MATCH,
    responses=documented(
        HTTPStatus.OK,
        [ETAG_HEADER],
        (
            *BODY_PROBLEMS,
            catalogue.NOT_FOUND,
            catalogue.PRECONDITION_FAILED,
            catalogue.PRECONDITION_REQUIRED,
        ),
    ),
)
async def update_account(
    state: StateDep,
    account_id: UUID,
    change: AccountUpdate,
    response: Response,
    if_match: IfMatch = None,
) -> Account:
    """Give an account another name, if it is still what you have read."""
    versions = required_versions(if_match)
    renamed = await run_transaction(
        state["sessions"], accounts.rename_account, account_id, change.name, versions=versions
    )
    response.headers.update(version_headers(renamed.version))
    return Account.model_validate(renamed)


@router.get(
    "/{account_id}/entries",
    responses=documented(HTTPStatus.OK, [LINK], (*PAGE_PROBLEMS, catalogue.NOT_FOUND)),
)
async def list_entries(account_id: UUID, requested: PageDep) -> Page[Entry]:
    """List what transfers did to an account, the newest first."""

    async def read(session: ReadSession, *, after: UUID | None, limit: int) -> Sequence[object]:
        number = after.int if after else None
        return await transfers.list_entries(session, account_id, after=number, limit=limit)

    return await make_page(
        requested, read, Entry.model_validate, key=lambda entry: UUID(int=entry.number)
    )
