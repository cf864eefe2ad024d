"""Markdown seen as plain text: marks taken out, headings named as anchors. Renders nothing; imports nothing of ours."""

from __future__ import annotations

import re
import unicodedata

_MARKUP = re.compile(r"\[\^[^\]]+\]|[*_`]|!?\[([^\]]*)\]\([^)]*\)")


def plain(text: str) -> str:
    """`text` without inline Markdown: emphasis, links and footnote marks."""
    return _MARKUP.sub(lambda match: match.group(1) or "", text).strip()


def unique_anchor(heading: str, taken: dict[str, int]) -> str:
    """The id of a heading: lower case, words joined by hyphens, numbered when it occurs again. Notes it in `taken`."""
    words = unicodedata.normalize("NFKC", heading).casefold()
    anchor = re.sub(r"[\W_]+", "-", words).strip("-") or "section"
    taken[anchor] = taken.get(anchor, 0) + 1
    return anchor if taken[anchor] == 1 else f"{anchor}-{taken[anchor]}"
