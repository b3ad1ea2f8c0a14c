"""Every problem that the service tells a client of, in one table.

The answers, their part of the OpenAPI document and the pages behind their ``type`` come from it.
Source: RFC 9457, https://www.rfc-editor.org/rfc/rfc9457
"""

from dataclasses import dataclass
from http import HTTPStatus

__all__ = ["PROBLEMS", "ProblemType"]


@dataclass(frozen=True)
class ProblemType:
    """A kind of problem. A client tells it by its ``uri``, which stays; the texts may change."""

    slug: str
    status: HTTPStatus
    title: str
    meaning: str
    remedy: str

    @property
    def uri(self) -> str:
        """The ``type``: a path of the service, with a page that says what it means."""
        return f"/problems/{self.slug}"

    @property
    def plain_meaning(self) -> str:
        """The meaning without the marks of code."""
        return self.meaning.replace("`", "")


PROBLEMS: dict[str, ProblemType] = {}
"""Every kind of problem by its slug, in the order of the statuses."""


def _define(slug: str, status: HTTPStatus, title: str, meaning: str, remedy: str) -> ProblemType:
    PROBLEMS[slug] = ProblemType(slug, status, title, meaning, remedy)
    return PROBLEMS[slug]


MALFORMED_JSON = _define(
    "malformed-json",
    HTTPStatus.BAD_REQUEST,
    "The body is not JSON",
    "The body can't be read as JSON (RFC 8259) in UTF-8. NaN and Infinity are not JSON, an object"
    " names a member once, and what is nested too deeply, or too long a number, is not read.",
    "Send what a JSON encoder writes. The detail names the line and the column.",
)
MALFORMED_HEADER = _define(
    "malformed-header",
    HTTPStatus.BAD_REQUEST,
    "A header can't be understood",
    "A header isn't written as its definition says, or comes twice where there is one value.",
    "Send the header once, in the form that the detail shows.",
)
MALFORMED_REQUEST = _define(
    "malformed-request",
    HTTPStatus.BAD_REQUEST,
    "The request can't be read",
    "The request breaks off, or isn't what it says that it is.",
    "Send the whole request again.",
)
INVALID_CURSOR = _define(
    "invalid-cursor",
    HTTPStatus.BAD_REQUEST,
    "The cursor is none of this list",
    "A cursor is signed, and belongs to one list. This one was changed, or comes from another list,"
    " or the service has a new secret.",
    "Follow `next_cursor` or the `Link` header as it is, or begin at the first page.",
)
KEY_REQUIRED = _define(
    "key-required",
    HTTPStatus.BAD_REQUEST,
    "The request needs an `Idempotency-Key`",
    "This installation takes no request with a lasting effect that could not be sent again safely.",
    "Send an `Idempotency-Key`: a new one, such as a UUID, for each new request.",
)
NOT_FOUND = _define(
    "not-found",
    HTTPStatus.NOT_FOUND,
    "Nothing is here",
    "The service has nothing at this path: no such resource, or none with this id.",
    "Compare the path with the OpenAPI document, and the id with the one that you were given.",
)
METHOD_NOT_ALLOWED = _define(
    "method-not-allowed",
    HTTPStatus.METHOD_NOT_ALLOWED,
    "The resource has no such method",
    "There is a resource at this path, and it can't do what was asked.",
    "Use one of the methods that the `Allow` header lists.",
)
NOT_ACCEPTABLE = _define(
    "not-acceptable",
    HTTPStatus.NOT_ACCEPTABLE,
    "You accept no representation that there is",
    "The `Accept` header leaves out `application/json`, and there is nothing else.",
    "Accept `application/json`. A problem comes as `application/problem+json` all the same.",
)
CONTENT_TOO_LARGE = _define(
    "content-too-large",
    HTTPStatus.CONTENT_TOO_LARGE,
    "The body is too large",
    "The body has more bytes than the service reads. They are counted as they come, too.",
    "Send less: no request of this service needs as much.",
)
UNSUPPORTED_MEDIA_TYPE = _define(
    "unsupported-media-type",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "The body is of another type",
    "The body must be JSON in UTF-8, and say so. Its type isn't guessed, and it isn't unpacked.",
    "Send `Content-Type: application/json`, and no `Content-Encoding`.",
)
INSUFFICIENT_FUNDS = _define(
    "insufficient-funds",
    HTTPStatus.CONFLICT,
    "There is not enough money",
    "The source has less than the amount, and may not go below zero. Nothing was moved.",
    "Move less, or wait until more has come in. A refusal isn't kept: the same key may be used.",
)
KEY_IN_USE = _define(
    "key-in-use",
    HTTPStatus.CONFLICT,
    "The first request is still under way",
    "A request with this `Idempotency-Key` is being worked on, and takes long.",
    "Send the request again in a moment, with the same key: you get the first one's answer.",
)
BALANCE_LIMIT = _define(
    "balance-limit",
    HTTPStatus.CONFLICT,
    "A balance can't be so far from zero",
    "A balance would pass 9007199254740991 minor units, above zero or below: beyond it, not every"
    " reader of JSON keeps a number exact (RFC 7493). Nothing was moved.",
    "Move less, or to or from another account.",
)
PRECONDITION_FAILED = _define(
    "precondition-failed",
    HTTPStatus.PRECONDITION_FAILED,
    "The resource has changed",
    "The resource isn't in the version that `If-Match` names: somebody has changed it since you"
    " read it. Nothing was written.",
    "Read it again, decide again, and send the new `ETag`.",
)
INVALID_REQUEST = _define(
    "invalid-request",
    HTTPStatus.UNPROCESSABLE_CONTENT,
    "The request holds what doesn't fit",
    "The request can be read, but a field or a parameter has a value that isn't allowed, or isn't"
    " known, or is missing. Nothing was written.",
    "`errors` names each: a field by its JSON pointer (RFC 6901), a parameter by its name.",
)
ACCOUNT_UNKNOWN = _define(
    "account-unknown",
    HTTPStatus.UNPROCESSABLE_CONTENT,
    "The transfer names an account that doesn't exist",
    "The source or the destination is no account. Nothing was moved.",
    "Compare the ids with those that you were given.",
)
CURRENCY_MISMATCH = _define(
    "currency-mismatch",
    HTTPStatus.UNPROCESSABLE_CONTENT,
    "The accounts are in different currencies",
    "Money moves between accounts in one currency: nothing is exchanged. Nothing was moved.",
    "Choose accounts in the same currency.",
)
SAME_ACCOUNT = _define(
    "same-account",
    HTTPStatus.UNPROCESSABLE_CONTENT,
    "Source and destination are one account",
    "A transfer goes from one account to another one. Nothing was moved.",
    "Choose two accounts.",
)
KEY_REUSED = _define(
    "key-reused",
    HTTPStatus.UNPROCESSABLE_CONTENT,
    "The key belongs to another request",
    "This `Idempotency-Key` came before, with a body of other values. Nothing was written.",
    "Take a new key for each new request, and keep it for the retries of that request alone.",
)
PRECONDITION_REQUIRED = _define(
    "precondition-required",
    HTTPStatus.PRECONDITION_REQUIRED,
    "Say which version you change",
    "Without `If-Match`, the change could overwrite one that you haven't seen.",
    "Read the resource, and send its `ETag` as `If-Match`; `*` means whatever is there.",
)
INTERNAL_ERROR = _define(
    "internal-error",
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "The service has failed",
    "A defect of the service; the request may be right. Nothing was written, as far as the"
    " service knows.",
    "Report the `instance`: the service's log has the reason under it. A retry is safe with an"
    " `Idempotency-Key`.",
)
TOO_BUSY = _define(
    "too-busy",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The service has too much to do",
    "There was no connection to the database in time, or others held what the request needs for"
    " too long. Nothing was written.",
    "Send the request again after `Retry-After` seconds, and then more and more slowly.",
)
DATABASE_UNAVAILABLE = _define(
    "database-unavailable",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The database can't be reached",
    "The database is down, or the connection broke, or there was no answer in time. If that was"
    " during the commit, the request may have had its effect.",
    "Send the request again after `Retry-After` seconds, with the same `Idempotency-Key`: it has"
    " its effect once.",
)
