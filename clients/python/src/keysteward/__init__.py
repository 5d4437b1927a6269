"""Client for Keysteward: connect other people's API keys once, act with them ever after."""

from .errors import (
    CredentialRejected,
    InvalidRequest,
    KeystewardError,
    NotFound,
    RateLimited,
    ServerError,
    Unauthorized,
)
from .models import ConnectedAccount, ConnectionRequest, ExpectedField, ExpectedParams, Integration
from .names import Action, App
from .toolset import ComposioToolSet, Entity

__all__ = [
    "Action",
    "App",
    "ComposioToolSet",
    "ConnectedAccount",
    "ConnectionRequest",
    "CredentialRejected",
    "Entity",
    "ExpectedField",
    "ExpectedParams",
    "Integration",
    "InvalidRequest",
    "KeystewardError",
    "NotFound",
    "RateLimited",
    "ServerError",
    "Unauthorized",
]
__version__ = "0.1.0"
