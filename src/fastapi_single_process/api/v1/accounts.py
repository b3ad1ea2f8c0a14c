"""``/accounts``: open, rename and read them."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response

from fastapi_single_process.api import problems
from fastapi_single_process.api.answers import created, respond
from fastapi_single_process.api.dependencies import AppState, Session
from fastapi_single_process.api.etags import (
    IF_MATCH,
    IfMatch,
    IfNoneMatch,
    is_known,
    required_versions,
    version_headers,
)
from fastapi_single_process.api.idempotency import OptionalKey, claim_of, run_idempotent
from fastapi_single_process.api.openapi import (
    BODY,
    ETAG,
    KEY,
    PAGE,
    REPLAYED,
    STORED,
    link,
    location,
    responses,
    success,
)
from fastapi_single_process.api.pages import PageRequest, make_page
from fastapi_single_process.api.paths import route_path
from fastapi_single_process.api.requests import ContractRoute
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.schemas.account import Account, AccountChange, NewAccount
from fastapi_single_process.schemas.entry import Entry
from fastapi_single_process.schemas.page import Page
from fastapi_single_process.services import accounts, transfers
from fastapi_single_process.services.idempotency import Answer

__all__ = ["router"]

PATH = "/api/v1/accounts"
EXAMPLE = f"{PATH}/01a20600-0000-7000-8000-000000000001"

router = APIRouter(prefix="/accounts", tags=["accounts"], route_class=ContractRoute)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=Account,
    responses={
        **success(HTTPStatus.CREATED, location(EXAMPLE), ETAG, REPLAYED),
        **responses(*STORED, *BODY, *KEY),
    },
)
async def create_account(
    new: NewAccount, state: AppState, key: OptionalKey, request: Request
) -> Response:
    """Open an account, with nothing in it."""

    async def work(session: AsyncSession) -> Account:
        return Account.model_validate(await accounts.open_account(session, new))

    def render(account: Account) -> Answer:
        place = route_path(request, "get_account", account_id=account.id)
        return created(account, place, **version_headers(account.version))

    claim = claim_of(request, key, new)
    return respond(request, await run_idempotent(state["sessions"], claim, work, render))


@router.head("", include_in_schema=False)
@router.get("", responses={**success(HTTPStatus.OK, link(PATH)), **responses(*STORED, *PAGE)})
async def list_accounts(
    session: Session, requested: PageRequest, response: Response
) -> Page[Account]:
    """List the accounts, the newest first."""
    rows = await accounts.list_accounts(session, after=requested.after, limit=requested.limit + 1)
    return make_page(requested, response, rows, Account.model_validate)


@router.head("/{account_id}", include_in_schema=False)
@router.get(
    "/{account_id}",
    response_model=Account,
    responses={
        **success(HTTPStatus.OK, ETAG),
        **success(HTTPStatus.NOT_MODIFIED, ETAG),
        **responses(*STORED, problems.NOT_FOUND, problems.INVALID_REQUEST),
    },
)
async def get_account(
    session: Session, account_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Read an account."""
    account = Account.model_validate(await accounts.get_account(session, account_id))
    headers = version_headers(account.version)
    if is_known(if_none_match, account.version):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(account.model_dump_json(), headers=headers, media_type="application/json")


@router.patch(
    "/{account_id}",
    openapi_extra=IF_MATCH,
    responses={
        **success(HTTPStatus.OK, ETAG),
        **responses(
            *STORED,
            *BODY,
            problems.NOT_FOUND,
            problems.PRECONDITION_FAILED,
            problems.PRECONDITION_REQUIRED,
        ),
    },
)
async def update_account(
    session: Session,
    account_id: UUID,
    change: AccountChange,
    response: Response,
    if_match: IfMatch = None,
) -> Account:
    """Give an account another name, if it is still what you have read."""
    versions = required_versions(if_match)
    renamed = await accounts.rename_account(session, account_id, change.name, versions=versions)
    response.headers.update(version_headers(renamed.version))
    return Account.model_validate(renamed)


@router.head("/{account_id}/entries", include_in_schema=False)
@router.get(
    "/{account_id}/entries",
    responses={
        **success(HTTPStatus.OK, link(f"{EXAMPLE}/entries")),
        **responses(*STORED, *PAGE, problems.NOT_FOUND),
    },
)
async def list_entries(
    session: Session, account_id: UUID, requested: PageRequest, response: Response
) -> Page[Entry]:
    """List what transfers did to an account, the newest first."""
    after = requested.after.int if requested.after else None
    rows = await transfers.list_entries(session, account_id, after=after, limit=requested.limit + 1)
    return make_page(
        requested, response, rows, Entry.model_validate, key=lambda row: UUID(int=row.number)
    )
