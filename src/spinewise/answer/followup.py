"""Reads a turn that needs the ones before it as a question that stands alone, and says what it carried over. No search."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spinewise.index.words import STOP_WORDS, terms
from spinewise.records import Turn

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|those|these|this one|that one|one|ones|there|the (?:first|second|other|last)(?: one)?|same|"
    r"either|both|each|afterwards?|instead|do that|that (?:help|hurt|work|bad|safe|ok|okay|last|mean)|this (?:help|hurt|work))\b"
)
_EMPTY_IT = re.compile(
    r"\b(?:does|will|would|might|did) it (?:take|matter)\b|\bis it (?:\w+ ){1,3}(?:to|for|that|if|when)\b"
    r"|\bit(?:'s| is) (?:\w+ ){1,2}(?:to|that)\b"
)
"""An "it" that stands for nothing said before: "how long does it take to", "is it safe to"."""
_GOES_ON = re.compile(
    r"^\W*(?:and|but|so|or|what about|how about|why|what if|then|even|for how long|how come|like what|such as|with|without|"
    r"how (?:many|much|often|long)|when|where|which|who|any)\b"
)
_NEW_SUBJECT = re.compile(
    r"\b(?:unrelated|different (?:question|subject|topic|thing)|another (?:question|thing|topic)|other question|new question|"
    r"change of (?:subject|topic)|changing (?:the )?(?:subject|topic)|sorted[.,]|something else|next question)"
)
_CONNECTIVES = re.compile(
    r"^\W*(?:and|but|so|or|what about|how about|then|with|without|even|ok(?:ay)?|thanks|thank you|cheers|great|right)\b\W*"
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

_GENERAL = frozenset(
    "65 after ask bad best between better blade caus choos close condit cope daili day decis doctor drop effect ever fall first "
    "forward good hand happen health help hurt keep last leg life long low lower middl mind month move movement new note older "
    "other over overview pack pain back peopl person posit practic prevent question readi recommend remedi research safe safeti "
    "say see seriou serious share side sign someth spine start sure test thing three time togeth treat treatment tri two type up "
    "upper use week well without work worri worth x".split()
)
"""Stems that stand in titles but name no subject of their own."""

FEW = 3
"""A turn with at most so many telling words, none of them a topic, leans on the talk before it."""
MOST_CARRIED = 6
"""Words carried over."""


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be searched by itself."""

    text: str
    carried: str = ""
    """The words taken from earlier turns; empty when none were."""


def standalone(turns: Sequence[Turn], is_topic: Callable[[str], bool]) -> Standalone:
    """The last turn as it stands alone; `is_topic` says whether a stemmed word names something that articles are about."""
    asked = Standalone(turns[0].text.strip())
    for turn in turns[1:]:
        text = turn.text.strip()
        if leans(text, is_topic):
            carried = carry(asked, text, is_topic)
            asked = Standalone(f"{text} ({carried})", carried) if carried else Standalone(text)
        else:
            asked = Standalone(text)
    return asked


def leans(text: str, is_topic: Callable[[str], bool]) -> bool:
    """Whether `text` needs the turns before it."""
    lowered = text.casefold().replace("’", "'")
    if _NEW_SUBJECT.search(lowered):
        return False
    words = terms(text)
    if _POINTS_BACK.search(_EMPTY_IT.sub("", lowered)) and len(words) <= 4 * FEW:
        return True
    own = any(is_topic(word) and word not in _GENERAL for word in words)
    if own:
        return bool(_CONNECTIVES.match(lowered)) and len(words) <= FEW
    return len(words) <= FEW or (bool(_GOES_ON.match(lowered)) and len(words) <= 2 * FEW)


def carry(before: Standalone, text: str, is_topic: Callable[[str], bool]) -> str:
    """The words of the question before that `text` leaves unsaid: its topics, or else all that carry meaning."""
    said = set(terms(text))
    asked = before.text.partition(" (")[0] if before.carried else before.text
    words = [word for word in _WORD.findall(asked) if word.casefold() not in STOP_WORDS and not said & set(terms(word))]
    telling = [word for word in words if not _GENERAL & set(terms(word))]
    topics = [word for word in telling if any(map(is_topic, terms(word)))]
    kept = [*topics, *before.carried.split(), *telling] or words
    return " ".join(list(dict.fromkeys(kept))[:MOST_CARRIED])
