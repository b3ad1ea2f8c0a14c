"""Every resource of version 1, under one prefix."""

from fastapi import APIRouter

from fastapi_single_process.api.v1 import accounts, health, transfers

__all__ = ["router"]

router = APIRouter(prefix="/api/v1")
router.include_router(accounts.router)
router.include_router(transfers.router)
router.include_router(health.router)
