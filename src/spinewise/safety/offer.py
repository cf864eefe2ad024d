"""Says when to offer the list of warning signs unasked. Finds no danger itself; see `screening`."""

from __future__ import annotations

import re

_WORTH = re.compile(
    r"\b(?:sciatica|numb\w*|tingl\w*|pins and needles|weak\w*|foot drop|heavy legs?|"
    r"(?:legs?|thighs?|cal(?:f|ves)|foot|feet|toes|bum|buttocks?) (?:pain|hurts?|aches?|burn\w*|sore)|"
    r"(?:pain|hurts?|ache|burning|shooting)\w*(?: \w+){0,4} (?:legs?|thighs?|cal(?:f|ves)|foot|feet|toes)|"
    r"(?:getting|gets?|got|becoming|much|even|far|keeps getting) (?:\w+ )?worse|worse (?:every|each|and)|worsening|not getting better|spread\w*)\b",
    re.IGNORECASE,
)


def offers_checklist(text: str) -> bool:
    """Whether `text` speaks of leg pain, numbness or pain that is getting worse."""
    return bool(_WORTH.search(text))
