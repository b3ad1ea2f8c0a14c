"""``/transfers``: make and read them."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response

from fastapi_single_process.api.dependencies import StateDep
from fastapi_single_process.api.openapi import (
    BODY_PROBLEMS,
    KEY_PROBLEMS,
    LINK,
    LOCATION,
    PAGE_PROBLEMS,
    REPLAYED_HEADER,
    documented,
)
from fastapi_single_process.api.paths import route_path
from fastapi_single_process.api.problems import catalogue
from fastapi_single_process.api.protocol.idempotency import IdempotencyKeyDep, to_keyed_request
from fastapi_single_process.api.protocol.pagination import PageDep, make_page
from fastapi_single_process.api.protocol.requests import ContractRoute
from fastapi_single_process.api.protocol.stored_responses import created_response, to_response
from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.db.transactions import run_read, run_transaction
from fastapi_single_process.schemas.page import Page
from fastapi_single_process.schemas.transfer import Transfer, TransferCreate
from fastapi_single_process.services import transfers
from fastapi_single_process.services.idempotency import StoredResponse

__all__ = ["router"]

router = APIRouter(prefix="/transfers", tags=["transfers"], route_class=ContractRoute)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=Transfer,
    responses=documented(
        HTTPStatus.CREATED,
        (LOCATION, REPLAYED_HEADER),
        (
            *BODY_PROBLEMS,
            *KEY_PROBLEMS,
            catalogue.INSUFFICIENT_FUNDS,
            catalogue.BALANCE_LIMIT,
            catalogue.ACCOUNT_UNKNOWN,
            catalogue.SAME_ACCOUNT,
            catalogue.CURRENCY_MISMATCH,
        ),
    ),
)
async def create_transfer(
    new: TransferCreate, state: StateDep, key: IdempotencyKeyDep, request: Request
) -> Response:
    """Move money from one account to another, in one currency."""
    order, keyed = transfers.TransferOrder(**new.model_dump()), to_keyed_request(request, key, new)

    # Not run_idempotent: the transfer takes the key and stores the answer in its two statements.
    async def work(session: AsyncSession) -> StoredResponse:
        prepared = await transfers.prepare_transfer(session, order, keyed)
        if isinstance(prepared, StoredResponse):
            return prepared
        transfer = Transfer.model_validate(prepared)
        place = route_path(request, "get_transfer", transfer_id=transfer.id)
        answer = created_response(transfer, place)
        await transfers.write_transfer(session, prepared, keyed, answer)
        return answer

    return to_response(request, await run_transaction(state["sessions"], work))


@router.get("", responses=documented(HTTPStatus.OK, [LINK], PAGE_PROBLEMS))
async def list_transfers(requested: PageDep) -> Page[Transfer]:
    """List the transfers, the newest first."""
    return await make_page(requested, transfers.list_transfers, Transfer.model_validate)


@router.get(
    "/{transfer_id}",
    responses=documented(HTTPStatus.OK, problems=(catalogue.NOT_FOUND, catalogue.INVALID_REQUEST)),
)
async def get_transfer(state: StateDep, transfer_id: UUID) -> Transfer:
    """Read a transfer."""
    found = await run_read(state["read_sessions"], transfers.get_transfer, transfer_id)
    return Transfer.model_validate(found)
