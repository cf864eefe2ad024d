"""Spinewise: a chat guide to back pain that answers in the words of reviewed articles, and warns before it answers."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Care": "records",
    "Guide": "answer.guide",
    "Hit": "records",
    "Reply": "records",
    "Settings": "settings",
    "SpinewiseError": "errors",
    "Turn": "records",
    "load_index": "index.store",
    "load_settings": "settings",
    "refresh": "refresh",
    "screen": "safety",
}
__all__ = [*sorted(_HOMES), "__version__"]  # noqa: PLE0604  (the names are strings)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import spinewise` loads no heavy library."""
    if name not in _HOMES:
        raise AttributeError(f"module 'spinewise' has no attribute {name!r}")
    home = importlib.import_module(f"spinewise.{_HOMES[name]}")
    return getattr(home, "load" if name == "load_index" else name)
