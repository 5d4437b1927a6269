"""What can go wrong, as exceptions. The words are the server's; no exception holds a submitted value."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Type


class KeystewardError(Exception):
    """Base of all. `status` is the HTTP number, 0 when no answer came."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        details: Optional[List[Dict[str, Any]]] = None,
        request_id: Optional[str] = None,
        retry_after: Optional[int] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.details: List[Dict[str, Any]] = details or []
        self.request_id = request_id
        self.retry_after = retry_after

    @property
    def field(self) -> Optional[str]:
        """The first field the server named, for example "data.api_key"."""
        for detail in self.details:
            for name in ("property", "field"):
                if isinstance(detail.get(name), str):
                    return str(detail[name])
        return None


class InvalidRequest(KeystewardError):
    """The request was wrong; `field` says where, `details` all of it."""


class CredentialRejected(InvalidRequest):
    """The vendor refused the credential. Nothing was stored."""


class Unauthorized(KeystewardError):
    """The API key is missing, wrong or revoked, or may not do this."""


class NotFound(KeystewardError):
    """No such app, action, integration or connection in this project."""


class RateLimited(KeystewardError):
    """Too many requests; `retry_after` has the seconds when the server gave them."""


class ServerError(KeystewardError):
    """The server or a vendor failed, or could not be reached."""


_BY_STATUS: Dict[int, Type[KeystewardError]] = {
    400: InvalidRequest,
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    429: RateLimited,
}


def _details(body: Mapping[str, Any]) -> List[Dict[str, Any]]:
    found = body.get("details")
    if isinstance(found, dict):
        return [found]
    return [d for d in found if isinstance(d, dict)] if isinstance(found, list) else []


def _is_rejection(body: Mapping[str, Any], details: List[Dict[str, Any]]) -> bool:
    words = [body.get(k) for k in ("name", "type", "code")] + [d.get("code") for d in details]
    words += [d.get("reason") for d in details if d.get("reason") in ("rejected", "credential_rejected")]
    return any(isinstance(w, str) and "rejected" in w.lower() for w in words)


def from_answer(status: int, body: Any, retry_after: Optional[str] = None) -> KeystewardError:
    """The exception for an error answer; `body` is the parsed JSON, or anything."""
    fields: Mapping[str, Any] = body if isinstance(body, dict) else {}
    details = _details(fields)
    kind = _BY_STATUS.get(status, ServerError if status >= 500 or status == 408 else InvalidRequest)
    if kind is InvalidRequest and _is_rejection(fields, details):
        kind = CredentialRejected
    message = fields.get("message")
    return kind(
        message if isinstance(message, str) and message else f"The server answered {status}",
        status=status,
        details=details,
        request_id=fields.get("requestId") if isinstance(fields.get("requestId"), str) else None,
        retry_after=int(retry_after) if retry_after and retry_after.isdigit() else None,
    )
