"""What the server answers, as small typed objects. `raw` keeps the whole answer; credentials are masked in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, List, Optional, TypedDict

if TYPE_CHECKING:
    from .toolset import ComposioToolSet


class ExpectedField(Dict[str, Any]):
    """One value to ask the user for: field["name"] or field.name, "description", "required", "is_secret"..."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class ExpectedParams(TypedDict):
    """Answer of get_expected_params_for_user. `expected_params` is the same list under the later SDKs' name."""

    expectedInputFields: List[ExpectedField]
    expected_params: List[ExpectedField]
    integration_id: str
    auth_scheme: str


@dataclass(frozen=True)
class Integration:
    """How the developer set an app up."""

    id: str
    name: str
    appName: str
    authScheme: str
    expectedInputFields: List[ExpectedField]
    raw: Dict[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Dict[str, Any]) -> Integration:
        fields = [ExpectedField(f) for f in raw.get("expectedInputFields") or []]
        return cls(raw["id"], raw.get("name", ""), raw["appName"], raw["authScheme"], fields, raw)

    @property
    def auth_scheme(self) -> str:
        return self.authScheme


@dataclass(frozen=True)
class ConnectedAccount:
    """One user's connection. `connectionParams` shows names and masked values, never a credential."""

    id: str
    status: str
    appName: str
    integrationId: str
    entityId: str
    labels: List[str]
    enabled: bool
    createdAt: str
    connectionParams: Dict[str, Any] = field(repr=False)
    raw: Dict[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, raw: Dict[str, Any]) -> ConnectedAccount:
        return cls(
            raw["id"], raw["status"], raw["appName"], raw["integrationId"], raw["entityId"],
            list(raw.get("labels") or []), bool(raw.get("enabled", True)), raw["createdAt"],
            dict(raw.get("connectionParams") or {}), raw,
        )  # fmt: skip

    @property
    def app_name(self) -> str:
        return self.appName

    @property
    def integration_id(self) -> str:
        return self.integrationId

    @property
    def entity_id(self) -> str:
        return self.entityId


class ConnectionRequest:
    """What initiate_connection answers. Printed as the guide shows it."""

    def __init__(self, raw: Dict[str, Any], toolset: Optional[ComposioToolSet] = None) -> None:
        self.connectionStatus: str = raw["connectionStatus"]
        self.connectedAccountId: str = raw["connectedAccountId"]
        self.redirectUrl: Optional[str] = raw.get("redirectUrl")
        self._toolset = toolset

    @property
    def connection_status(self) -> str:
        return self.connectionStatus

    @property
    def connected_account_id(self) -> str:
        return self.connectedAccountId

    @property
    def redirect_url(self) -> Optional[str]:
        return self.redirectUrl

    def wait_until_active(self, client: Any = None, timeout: float = 60) -> ConnectedAccount:
        """The account once it is ACTIVE; TimeoutError after `timeout` seconds. `client` is ignored."""
        if self._toolset is None:
            raise ValueError("This request is not bound to a toolset")
        end = time.monotonic() + timeout
        while True:
            account = self._toolset.get_connected_account(self.connectedAccountId)
            if account.status == "ACTIVE":
                return account
            if time.monotonic() >= end:
                raise TimeoutError(f"Still {account.status} after {timeout} s")
            time.sleep(min(1.0, max(0.0, end - time.monotonic())))

    def __str__(self) -> str:
        return (
            f"connectionStatus={self.connectionStatus!r} connectedAccountId={self.connectedAccountId!r} "
            f"redirectUrl={self.redirectUrl!r}"
        )

    def __repr__(self) -> str:
        return f"ConnectionRequest({', '.join(str(self).split(' '))})"
