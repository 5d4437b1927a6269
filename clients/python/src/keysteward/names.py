"""App.SHOPIFY and Action.SHOPIFY_GET_PRODUCTS without a list: any name in capitals is one.

Nothing is looked up here; the server says NotFound when a name does not exist there.
"""

from __future__ import annotations

from typing import TypeVar

N = TypeVar("N", bound="Name")


class _AnyName(type):
    def __getattr__(cls: type[N], name: str) -> N:  # type: ignore[misc]
        if name.startswith("_") or name != name.upper():
            raise AttributeError(name)
        return cls(name)


class Name(str, metaclass=_AnyName):
    """A text that also has `value` (as the server writes it) and `name` (in capitals)."""

    @property
    def value(self) -> str:
        return str.__str__(self)

    @property
    def name(self) -> str:
        return self.value.upper().replace("-", "_").replace(" ", "_")

    @property
    def slug(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class App(Name):
    """An app of the catalogue: `App.SHOPIFY.value == "shopify"`."""

    def __new__(cls, name: str) -> App:
        return super().__new__(cls, str(name).lower())


class Action(Name):
    """An action of an app: `Action.STRIPE_GET_BALANCE`."""

    def __new__(cls, name: str) -> Action:
        return super().__new__(cls, str(name).upper())
