"""Sets two texts side by side for a terminal. Knows nothing of what they say."""

from __future__ import annotations

import shutil
import textwrap
from itertools import zip_longest

GAP = "  |  "


def side_by_side(left: tuple[str, str], right: tuple[str, str], width: int = 0) -> str:
    """Two texts, each under its heading, in columns that fill `width` characters (default: the terminal's)."""
    half = max(20, ((width or shutil.get_terminal_size((110, 24)).columns) - len(GAP)) // 2)
    columns = [[heading, "-" * len(heading), *_wrapped(text, half)] for heading, text in (left, right)]
    return "\n".join(f"{a:{half}}{GAP}{b}".rstrip() for a, b in zip_longest(*columns, fillvalue=""))


def _wrapped(text: str, width: int) -> list[str]:
    return [line for part in text.split("\n") for line in textwrap.wrap(part, width) or [""]]
