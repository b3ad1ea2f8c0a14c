"""What the ledger refuses. Each is raised before anything is written, or rolls it back."""

from typing import ClassVar

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

    message: ClassVar[str]
    """What is told, with a gap for each value that comes with the error."""

    def __init__(self, *values: object) -> None:
        """Fill the gaps of the message."""
        super().__init__(self.message.format(*values))


class AccountNotFoundError(LedgerError):
    """No account has the id that was asked for."""

    message = "There is no account {}."


class TransferNotFoundError(LedgerError):
    """No transfer has the id that was asked for."""

    message = "There is no transfer {}."


class AccountUnknownError(LedgerError):
    """A transfer names an account that doesn't exist."""

    message = "Source or destination doesn't exist."


class SameAccountError(LedgerError):
    """A transfer goes from an account to itself."""

    message = "Source and destination are the same account."


class CurrencyMismatchError(LedgerError):
    """A transfer goes between accounts in different currencies."""

    message = "Source and destination are in different currencies."


class InsufficientFundsError(LedgerError):
    """The source has less than the amount, and may not go below zero."""

    message = "The source has less than the amount, and may not go below zero."


class BalanceLimitError(LedgerError):
    """A balance would be further from zero than every reader of JSON keeps exact."""

    message = "A balance would pass 9007199254740991 minor units."


class VersionMismatchError(LedgerError):
    """The account is in another version than the change starts from."""

    message = "The account has changed since; read it again."


class KeyReusedError(LedgerError):
    """The key was used for another request."""

    message = "The key was used for a request with other values in its body."


class KeyInUseError(LedgerError):
    """The first request with the key is still under way."""

    message = "The first request with this key is still under way."
