"""``/transfers``: make and read them."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response

from fastapi_single_process.api import problems
from fastapi_single_process.api.answers import created, respond
from fastapi_single_process.api.dependencies import AppState, Session
from fastapi_single_process.api.idempotency import OptionalKey, claim_of
from fastapi_single_process.api.openapi import (
    BODY,
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
from fastapi_single_process.db import models
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.db.transactions import transact
from fastapi_single_process.schemas.page import Page
from fastapi_single_process.schemas.transfer import NewTransfer, Transfer
from fastapi_single_process.services import transfers
from fastapi_single_process.services.idempotency import Answer

__all__ = ["router"]

PATH = "/api/v1/transfers"
EXAMPLE = f"{PATH}/01a20600-0000-7000-8000-000000000003"

router = APIRouter(prefix="/transfers", tags=["transfers"], route_class=ContractRoute)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=Transfer,
    responses={
        **success(HTTPStatus.CREATED, location(EXAMPLE), REPLAYED),
        **responses(
            *STORED,
            *BODY,
            *KEY,
            problems.INSUFFICIENT_FUNDS,
            problems.BALANCE_LIMIT,
            problems.ACCOUNT_UNKNOWN,
            problems.SAME_ACCOUNT,
            problems.CURRENCY_MISMATCH,
        ),
    },
)
async def create_transfer(
    new: NewTransfer, state: AppState, key: OptionalKey, request: Request
) -> Response:
    """Move money from one account to another, in one currency."""
    claim = claim_of(request, key, new)

    def render(made: models.Transfer) -> Answer:
        transfer = Transfer.model_validate(made)
        return created(transfer, route_path(request, "get_transfer", transfer_id=transfer.id))

    # Not run_idempotent: the transfer takes the key and stores the answer in its two statements.
    async def work(session: AsyncSession) -> Answer:
        return await transfers.make_transfer(session, new, claim=claim, render=render)

    return respond(request, await transact(state["sessions"], work))


@router.head("", include_in_schema=False)
@router.get("", responses={**success(HTTPStatus.OK, link(PATH)), **responses(*STORED, *PAGE)})
async def list_transfers(
    session: Session, requested: PageRequest, response: Response
) -> Page[Transfer]:
    """List the transfers, the newest first."""
    rows = await transfers.list_transfers(session, after=requested.after, limit=requested.limit + 1)
    return make_page(requested, response, rows, Transfer.model_validate)


@router.head("/{transfer_id}", include_in_schema=False)
@router.get(
    "/{transfer_id}",
    responses=responses(*STORED, problems.NOT_FOUND, problems.INVALID_REQUEST),
)
async def get_transfer(session: Session, transfer_id: UUID) -> Transfer:
    """Read a transfer."""
    return Transfer.model_validate(await transfers.get_transfer(session, transfer_id))
