"""How moto is corrected."""

from collections.abc import Callable
from typing import Any


def replace(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Put `make(original)` in the place of the function `name` of a class or module."""
    setattr(owner, name, make(getattr(owner, name)))
