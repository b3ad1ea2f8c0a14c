"""What the ledger refuses. Each is raised before anything is written, or rolls it back."""

from uuid import UUID

__all__ = [
    "AccountNotFoundError",
    "AccountUnknownError",
    "BalanceLimitError",
    "CurrencyMismatchError",
    "InsufficientFundsError",
    "KeyInUseError",
    "KeyReusedError",
    "LedgerError",
    "SameAccountError",
    "TransferNotFoundError",
    "VersionMismatchError",
]


class LedgerError(Exception):
    """A request that the ledger refuses; the text may be shown to the client."""


class AccountNotFoundError(LedgerError):
    """No account has the id that was asked for."""

    def __init__(self, account_id: UUID) -> None:
        """Name the account."""
        super().__init__(f"There is no account {account_id}.")


class TransferNotFoundError(LedgerError):
    """No transfer has the id that was asked for."""

    def __init__(self, transfer_id: UUID) -> None:
        """Name the transfer."""
        super().__init__(f"There is no transfer {transfer_id}.")


class AccountUnknownError(LedgerError):
    """A transfer names an account that doesn't exist."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("Source or destination doesn't exist.")


class SameAccountError(LedgerError):
    """A transfer goes from an account to itself."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("Source and destination are the same account.")


class CurrencyMismatchError(LedgerError):
    """A transfer goes between accounts in different currencies."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("Source and destination are in different currencies.")


class InsufficientFundsError(LedgerError):
    """The source has less than the amount, and may not go below zero."""

    def __init__(self) -> None:
        """Say so, and not how much there is."""
        super().__init__("The source has less than the amount, and may not go below zero.")


class BalanceLimitError(LedgerError):
    """A balance would be further from zero than every reader of JSON keeps exact."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("A balance would pass 9007199254740991 minor units.")


class VersionMismatchError(LedgerError):
    """The account is in another version than the change starts from."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("The account has changed since; read it again.")


class KeyReusedError(LedgerError):
    """The key was used for another request."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("The key was used for a request with other values in its body.")


class KeyInUseError(LedgerError):
    """The first request with the key is still under way."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("The first request with this key is still under way.")
