"""ComposioToolSet and Entity: the calls of the guide, over the v1 and v2 API of a Keysteward server."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union
from urllib.parse import quote

import httpx

from .errors import InvalidRequest, NotFound, ServerError, Unauthorized, from_answer
from .models import ConnectedAccount, ConnectionRequest, ExpectedParams, Integration

DEFAULT_URL = "http://127.0.0.1:9899"
AppName = str  # App is a str, too
Params = Mapping[str, Union[str, int, float, bool, None]]


def _setting(given: Optional[str], *names: str) -> Optional[str]:
    return given or next((os.environ[n] for n in names if os.environ.get(n)), None)


def _segment(text: str) -> str:
    return quote(str(text), safe="")


def _without_none(**members: Any) -> Dict[str, Any]:
    return {k: v for k, v in members.items() if v is not None}


class ComposioToolSet:
    """One server and one API key. Threads may share it. Use it as a context manager, or close() it."""

    def __init__(
        self,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        entity_id: str = "default",
        timeout: float = 60,
    ) -> None:
        key = _setting(api_key, "KEYSTEWARD_API_KEY", "COMPOSIO_API_KEY")
        if not key:
            raise Unauthorized("No API key: set KEYSTEWARD_API_KEY or pass api_key=")
        root = (_setting(base_url, "KEYSTEWARD_URL", "COMPOSIO_BASE_URL") or DEFAULT_URL).rstrip("/")
        self.base_url = root[:-4] if root.endswith("/api") else root
        self.entity_id = entity_id
        # no environment: a proxy or a .netrc of this machine must never see credentials in transit
        self._http = httpx.Client(
            base_url=self.base_url + "/api",
            headers={"x-api-key": key, "x-source": "keysteward-python"},
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> ComposioToolSet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ComposioToolSet(base_url={self.base_url!r}, entity_id={self.entity_id!r})"

    def request(
        self, method: str, path: str, *, params: Optional[Params] = None, json: Optional[Mapping[str, Any]] = None
    ) -> Any:
        """One call of the API, below /api: the parsed answer, or a KeystewardError."""
        try:
            answer = self._http.request(method, path, params=params, json=json)
        except httpx.HTTPError as error:
            raise ServerError(f"No answer from {self.base_url}: {type(error).__name__}") from None
        try:
            body: Any = answer.json()
        except ValueError:
            body = None
        if answer.status_code != 200:
            raise from_answer(answer.status_code, body, answer.headers.get("retry-after"))
        if body is None:
            raise ServerError("The answer is not JSON", status=answer.status_code)
        return body

    # Apps and actions

    def get_app(self, app: AppName) -> Dict[str, Any]:
        found: Dict[str, Any] = self.request("GET", f"/v1/apps/{_segment(app)}")
        return found

    def get_apps(self) -> List[Dict[str, Any]]:
        return list(self.request("GET", "/v1/apps")["items"])

    def get_action(self, action: str) -> Dict[str, Any]:
        found: Dict[str, Any] = self.request("GET", f"/v2/actions/{_segment(action)}")
        return found

    def get_tools(
        self, actions: Optional[Sequence[str]] = None, apps: Optional[Sequence[AppName]] = None
    ) -> List[Dict[str, Any]]:
        """Function schemas for OpenAI's `tools`: the actions named, or those of the apps named."""
        if not actions and not apps:
            raise InvalidRequest("Name the actions or the apps", details=[{"property": "actions"}])
        wanted = {"actions": actions, "apps": apps}
        query: Params = {k: ",".join(str(name) for name in names) for k, names in wanted.items() if names}
        return [
            {
                "type": "function",
                "function": {
                    "name": item["name"],
                    "description": item["description"],
                    "parameters": item["parameters"],
                },
            }
            for item in self.request("GET", "/v2/actions", params=query)["items"]
        ]

    def execute_action(
        self,
        action: str,
        params: Optional[Mapping[str, Any]] = None,
        entity_id: Optional[str] = None,
        connected_account_id: Optional[str] = None,
    ) -> Dict[str, Any]:
        """{"data", "successful", "error"}. A refusal by the vendor is an answer with successful False, not an
        exception."""
        body = _without_none(
            input=dict(params or {}), entityId=entity_id or self.entity_id, connectedAccountId=connected_account_id
        )
        result: Dict[str, Any] = self.request("POST", f"/v2/actions/{_segment(action)}/execute", json=body)
        return result

    # Integrations

    def create_integration(
        self,
        app: AppName,
        auth_scheme: Optional[str] = None,
        name: Optional[str] = None,
        auth_config: Optional[Mapping[str, Any]] = None,
    ) -> Integration:
        """A new integration, also when one like it exists."""
        made = self._integrate("create", app, auth_scheme, name, auth_config)
        return self.get_integration(made["integrationId"])

    def get_integration(self, id: str) -> Integration:
        return Integration.parse(self.request("GET", f"/v1/integrations/{_segment(id)}"))

    def get_integrations(self, app: Optional[AppName] = None) -> List[Integration]:
        query: Params = {"appName": str(app)} if app else {}
        return [Integration.parse(item) for item in self.request("GET", "/v1/integrations", params=query)["items"]]

    def _integrate(
        self,
        verb: str,
        app: AppName,
        scheme: Optional[str],
        name: Optional[str] = None,
        secrets: Optional[Mapping[str, Any]] = None,
    ) -> Dict[str, Any]:
        config = _without_none(
            name=name or str(app), authScheme=scheme, integrationSecrets=dict(secrets) if secrets else None
        )
        body = {"app": {"uniqueKey": str(app)}, "config": {"useComposioAuth": False, **config}}
        made: Dict[str, Any] = self.request("POST", f"/v2/integrations/{verb}", json=body)
        return made

    # Connecting

    def get_expected_params_for_user(
        self,
        app: Optional[AppName] = None,
        integration_id: Optional[str] = None,
        auth_scheme: Optional[str] = None,
    ) -> ExpectedParams:
        """The values to ask the user for. With an app alone its integration is found, or made."""
        if integration_id is None:
            if app is None:
                raise InvalidRequest("Give app= or integration_id=", details=[{"property": "integration_id"}])
            integration_id = self._integrate("get-or-create", app, auth_scheme)["integrationId"]
        found = self.get_integration(integration_id)
        if auth_scheme and auth_scheme.upper() != found.authScheme:
            raise InvalidRequest(
                f"This integration uses {found.authScheme}; ask for that, or use another integration",
                details=[{"property": "auth_scheme", "reason": "mismatch"}],
            )
        return {
            "expectedInputFields": found.expectedInputFields,
            "expected_params": found.expectedInputFields,
            "integration_id": found.id,
            "auth_scheme": found.authScheme,
        }

    def initiate_connection(
        self,
        integration_id: Optional[str] = None,
        app: Optional[AppName] = None,
        entity_id: Optional[str] = None,
        auth_scheme: Optional[str] = None,
        connected_account_params: Optional[Mapping[str, Any]] = None,
        labels: Optional[Sequence[str]] = None,
        redirect_url: Optional[str] = None,
        app_name: Optional[AppName] = None,
    ) -> ConnectionRequest:
        """Store a user's credential: checked first, ACTIVE at once, CredentialRejected when the vendor says no."""
        name = app or app_name
        if integration_id is None and name is None:
            raise InvalidRequest("Give integration_id= or app_name=", details=[{"property": "integration_id"}])
        target = {"integrationId": integration_id} if integration_id else {"uniqueKey": str(name)}
        body = {
            "app": target,
            "config": _without_none(useComposioAuth=False, authScheme=auth_scheme),
            "connection": {
                "entityId": entity_id or self.entity_id,
                "initiateData": dict(connected_account_params or {}),
                "extra": _without_none(labels=list(labels or []), redirectURL=redirect_url),
            },
        }
        answer = self.request("POST", "/v2/connectedAccounts/initiateConnection", json=body)
        return ConnectionRequest(answer["connectionResponse"], self)

    def get_connected_account(self, id: str) -> ConnectedAccount:
        return ConnectedAccount.parse(self.request("GET", f"/v1/connectedAccounts/{_segment(id)}"))

    def get_connected_accounts(
        self, entity_ids: Optional[Sequence[str]] = None, active: bool = False
    ) -> List[ConnectedAccount]:
        query: Dict[str, Union[str, int, float, bool, None]] = {"showActiveOnly": "true"} if active else {}
        if entity_ids:
            query["user_uuid"] = ",".join(entity_ids)
        found = self.request("GET", "/v1/connectedAccounts", params=query)
        return [ConnectedAccount.parse(item) for item in found["items"]]

    def delete_connected_account(self, id: str) -> None:
        """Erases the credential."""
        self.request("DELETE", f"/v1/connectedAccounts/{_segment(id)}")

    def get_entity(self, id: Optional[str] = None) -> Entity:
        return Entity(self, id or self.entity_id)


class Entity:
    """One end user."""

    def __init__(self, toolset: ComposioToolSet, id: str) -> None:
        self._toolset = toolset
        self.id = id

    def get_connections(self) -> List[ConnectedAccount]:
        """The user's active connections, newest first."""
        # A comma separates ids in the query, so that the exact id is compared once more here.
        found = self._toolset.get_connected_accounts([self.id] if "," not in self.id else None, active=True)
        return [account for account in found if account.entityId == self.id]

    def get_connection(
        self, app: Optional[AppName] = None, connected_account_id: Optional[str] = None
    ) -> ConnectedAccount:
        """The newest active connection that fits; NotFound when none does."""
        for account in self.get_connections():
            fits_app = app is None or account.appName == str(app).lower()
            if fits_app and connected_account_id in (None, account.id):
                return account
        raise NotFound("This entity has no such connection", status=404)

    def initiate_connection(
        self,
        app_name: Optional[AppName] = None,
        auth_mode: Optional[str] = None,
        connected_account_params: Optional[Mapping[str, Any]] = None,
        integration: Union[Integration, str, None] = None,
        labels: Optional[Sequence[str]] = None,
        redirect_url: Optional[str] = None,
        integration_id: Optional[str] = None,
        auth_scheme: Optional[str] = None,
    ) -> ConnectionRequest:
        chosen = integration.id if isinstance(integration, Integration) else integration
        return self._toolset.initiate_connection(
            integration_id=integration_id or chosen,
            app_name=app_name,
            entity_id=self.id,
            auth_scheme=auth_scheme or auth_mode,
            connected_account_params=connected_account_params,
            labels=labels,
            redirect_url=redirect_url,
        )

    def execute(
        self,
        action: str,
        params: Optional[Mapping[str, Any]] = None,
        connected_account_id: Optional[str] = None,
    ) -> Dict[str, Any]:
        return self._toolset.execute_action(action, params, self.id, connected_account_id)

    def __repr__(self) -> str:
        return f"Entity({self.id!r})"
