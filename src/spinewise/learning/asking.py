"""Who asks, while a question is answered: known to `gaps` for a hash, and to nobody else. Stores nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_visitor: ContextVar[str] = ContextVar("visitor", default="")


@contextlib.contextmanager
def asked_by(address: str) -> Iterator[None]:
    """Say who asks what is asked inside; kept only as a hash under a key that the server forgets each day and when it stops."""
    token = _visitor.set(address)
    try:
        yield
    finally:
        _visitor.reset(token)


def visitor() -> str:
    """The address given to `asked_by`; empty outside of it."""
    return _visitor.get()
