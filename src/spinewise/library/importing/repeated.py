"""Takes out text that the pages of one import share, such as a site's footer. Leaves headings and single pages alone."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from spinewise.library.importing.page import Page
from spinewise.library.importing.texts import clean

SHARE = 1 / 3
"""Text on more than this share of the pages, and on two at least, is the site's and not the article's."""


def without_repeated(
    pages: Sequence[Page], unchanged: Iterable[set[str]] = (), earlier: Mapping[str, set[str]] = MappingProxyType({})
) -> tuple[list[Page], list[str]]:
    """`pages` without what they share, and the blocks taken out, each once.

    `unchanged` holds, for each page of the import that was not read anew, the prints of its blocks and of those dropped from it.
    `earlier` holds, by source, the prints of what an earlier import dropped: it stays out, also when a page is imported alone.
    """
    others = list(unchanged)
    counts = Counter(mark for marks in [*({*map(block_print, _units(page.body))} for page in pages), *others] for mark in marks)
    most = max(SHARE * (len(pages) + len(others)), 1)
    gone: dict[str, str] = {}
    kept: list[Page] = []
    for page in pages:
        before = earlier.get(page.source, set())
        marked = {block_print(unit): unit for unit in _units(page.body)}
        dropped = {mark: unit for mark, unit in marked.items() if counts[mark] > most or mark in before}
        gone |= dropped
        kept.append(replace(page, body=_cut(page, dropped), dropped=tuple(dropped)) if dropped else page)
    return kept, list(gone.values())


def prints(body: str) -> set[str]:
    """The prints of all blocks of a body that could be repeated."""
    return {block_print(unit) for unit in _units(body)}


def block_print(unit: str) -> str:
    """A short digest of a block's words; case, marks and spaces do not count."""
    return hashlib.sha256(re.sub(r"[\W_]+", "", unit).casefold().encode()).hexdigest()[:12]


def _units(body: str) -> list[str]:
    """Paragraphs and tables whole, list items one by one; headings never."""
    found: list[str] = []
    for block in body.strip().split("\n\n"):
        if not block.startswith("#"):
            found += block.split("\n") if _is_list(block) else [block]
    return [unit for unit in found if re.search(r"\w", unit)]


def _cut(page: Page, dropped: dict[str, str]) -> str:
    blocks = []
    for block in page.body.strip().split("\n\n"):
        units = block.split("\n") if _is_list(block) else [block]
        rest = [unit for unit in units if block.startswith("#") or block_print(unit) not in dropped]
        if rest:
            blocks.append("\n".join(rest))
    return clean("\n\n".join(blocks), page.title)


def _is_list(block: str) -> bool:
    return bool(re.match(r"\s*(?:-|\d+\.) ", block))
