"""Reads a turn that needs the ones before it as a question that stands alone, and says what it carried over. No search."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spinewise.index.words import STOP_WORDS, terms
from spinewise.records import Turn

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|those|these|this one|that one|one|ones|there|the other(?: one)?|same|"
    r"either|both|each|afterwards?|instead|do that|after that|that (?:help|hurt|work|bad|safe|ok|okay|last|mean)|"
    r"this (?:help|hurt|work|medicine|treatment)|does that|is that|why not|him|her)\b"
)
_EMPTY_IT = re.compile(
    r"\b(?:does|will|would|might|did) it (?:take|matter|help to|hurt to|make sense)\b"
    r"|\bis it (?:\w+ ){1,3}(?:to|for|that|if|when)\b|\bit(?:'s| is) (?:\w+ ){1,2}(?:to|that)\b"
    r"|\bit (?:did|does|do|can|will) cause\b|\bis (?:that|it) ok(?:ay)?\W*$"
)
"""An "it" that stands for nothing said before: "how long does it take to", "is it safe to"."""
_GOES_ON = re.compile(
    r"^\W*(?:and|but|so|or|what about|how about|why|what if|then|even|for how long|how come|like what|such as|with|without|"
    r"how (?:many|much|often|long)|when|where|which|who|any|for|at|on|in|after|before|during)\b"
)
_NEW_SUBJECT = re.compile(
    r"\b(?:unrelated|different (?:question|subject|topic|thing)|another (?:question|thing|topic)|other question|new question|"
    r"change of (?:subject|topic)|changing (?:the )?(?:subject|topic)|something else|next question|one more)\b|\bsorted[.,]"
)
_NEW_SUBJECT_FIRST = re.compile(
    r"^\W*(?:(?:ok|okay|and|my|a|one|the|new|another|other|different|next|unrelated|more|thing|question|subject|topic|is|whether)\b"
    r"[\W_]*)+(?=\w)",
    re.IGNORECASE,
)
_CONNECTIVES = re.compile(
    r"^\W*(?:and|but|so|or|what about|how about|then|with|without|even|ok(?:ay)?|thanks|thank you|cheers|great|right)\b\W*"
)
_PLEASANTRY = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|thanks?(?: you)?|thank you|thx|ty|cheers|great|good|cool|right|hmm+|ah|oh|i see|got it|nice|perfect|"
    r"lovely|very (?:kind|helpful|much)|so much|a lot|all good|fine|brilliant)\b[\s,.!;:]*)+",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|sure|go on|please do|tell me)(?:\W+(?:please|go on|do|tell me|that|ok|explain|more))*\W*$"
)
_CORRECTS = re.compile(
    r"^\W*(?:(?:sorry|sory|oops|no|wait|actually)\W+)*(?:i (?:meant?|ment)|not (?:the |my )?\w+,? (?:but|for)|meant)\b|^\*|"
    r"^\W*(?:sorry|sory|oops|no wait)\b"
)
_ORDINAL = re.compile(r"\bthe (first|second|third|last|other|former|latter|2nd|1st|3rd)(?: one| option)?\b")
_PLACES = {"first": 0, "1st": 0, "former": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1, "other": -1, "latter": -1}
_QUESTION = re.compile(
    r"\?|^\W*(?:(?:and|so|but|ok|then|also|or|please|can you)\s+)*(?:what|whats|wat|how|hows|why|when|where|which|who|whom|is|"
    r"are|am|was|were|do|does|did|can|could|should|shall|will|would|may|might|has|have|any|isnt|isn't|doesn't|tell|explain|show|"
    r"for how)\b|\b(?:what helps|how (?:do|can|should|long|many|much|often)|should i|can i|do i|is it|worth it|any good)\b"
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
_EMPTY = frozenset(
    "take taken took want need think know go went gone goe come came give given suggest offer offered mostli mayb allow "
    "explain tell told leav put make made feel felt like lot much mani bit year wait set pick stay yesterday today now still "
    "husband wife mum dad friend my gp everi awful fine wrong right hello pleas bought buy sinc ago hour minut whole cannot "
    "alreadi got don t seem realli monday tuesday wednesday thursday friday saturday sunday morn night even ok okay thank "
    "read heard 1 2 3 4 5 6 7 8 9 10 back pain good bad best better help work safe hurt worth".split()
)
"""Stems that are said of anything, and so carry nothing over where another word does."""

FEW = 3
"""A turn with at most so many telling words, none of them a topic, leans on the talk before it."""
SHORT = 3
"""A question of at most so many words is carried over whole, general words too: "arthritis of the spine"."""
MOST_CARRIED = 5
"""Words carried over."""
NEW_QUESTION = "New question:"
"""What a message begins with that carries nothing over, as the chat's button sends it."""


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be searched by itself."""

    text: str
    carried: str = ""
    """The words taken from earlier turns; empty when none were."""
    own: str = ""
    """The turn's own words, without what was carried."""
    is_question: bool = True


def standalone(turns: Sequence[Turn], is_topic: Callable[[str], bool]) -> Standalone:
    """The last turn as it stands alone; `is_topic` says whether a stemmed word names something that articles are about."""
    asked: Standalone | None = None
    for turn in turns:
        text = turn.text.strip()
        said = _PLEASANTRY.sub("", text)
        if not said and turn is not turns[-1]:
            continue
        asked = _first(said or text) if asked is None else _after(asked, said or text, is_topic, thanked=said != text)
    return asked or Standalone("")


def _first(text: str) -> Standalone:
    if text.startswith(NEW_QUESTION):
        text = text.removeprefix(NEW_QUESTION).strip()
    return Standalone(text, own=text, is_question=_asks(text))


def _asks(text: str) -> bool:
    return bool(_QUESTION.search(text.casefold().replace("’", "'")))


def _after(before: Standalone, text: str, is_topic: Callable[[str], bool], *, thanked: bool) -> Standalone:
    lowered = text.casefold().replace("’", "'")
    if text.startswith(NEW_QUESTION):
        return _first(text)
    if _NEW_SUBJECT.search(lowered):
        return _first(_NEW_SUBJECT_FIRST.sub("", text) or text)
    if _YES.match(lowered):
        return before
    chosen = _ORDINAL.search(lowered)
    options = _options(before, is_topic) if chosen else []
    if chosen and len(options) > 1:
        place = _PLACES[chosen.group(1)]
        carried = options[place if place < len(options) else -1]
        return Standalone(f"{text} ({carried})", carried, text, is_question=True)
    if _CORRECTS.search(lowered):
        carried = carry(before, text, is_topic, everything=True)
    elif thanked and _names_topic(text, is_topic):
        return _first(_CONNECTIVES.sub("", text) or text)
    elif leans(text, is_topic) or (not _asks(text) and len(terms(text)) <= 2 * FEW):
        carried = carry(before, text, is_topic)
    elif not before.is_question and not thanked:
        carried = " ".join(_topics_of(before, text, is_topic)[:FEW])  # "I have stenosis. Is walking good"
    else:
        carried = ""
    return Standalone(f"{text} ({carried})", carried, text, _asks(text)) if carried else _first(text)


def leans(text: str, is_topic: Callable[[str], bool]) -> bool:
    """Whether `text` needs the turns before it."""
    lowered = text.casefold().replace("’", "'")
    words = terms(text)
    own = _names_topic(text, is_topic)
    plain = _EMPTY_IT.sub("", lowered)
    if _POINTS_BACK.search(plain) and len(words) <= 4 * FEW:
        return not own or len(words) <= FEW or bool(re.search(r"\b(?:it|they|them|those|these|instead|one|that)\b", plain))
    if own:
        return bool(_CONNECTIVES.match(lowered)) and len(words) <= FEW
    if len(words) <= FEW and _EMPTY_IT.search(lowered):
        return False
    return len(words) <= FEW or (bool(_GOES_ON.match(lowered)) and len(words) <= 2 * FEW)


def _names_topic(text: str, is_topic: Callable[[str], bool]) -> bool:
    return any(is_topic(word) and word not in _GENERAL for word in terms(text))


def carry(before: Standalone, text: str, is_topic: Callable[[str], bool], *, everything: bool = False) -> str:
    """The words of the talk before that `text` leaves unsaid: its topics first, or else all that carry meaning."""
    topics = _topics_of(before, text, is_topic)
    telling = _telling(before.own, text)
    if topics and len(short := [w for w in _unsaid(before.own, text) if not _EMPTY & set(terms(w))]) <= SHORT:
        topics = short
    carried = before.carried.split()
    if everything or not (topics or carried):
        topics = [*telling, *topics]
    kept = [*topics, *carried, *telling] or _unsaid(before.own, text)
    return " ".join(list(dict.fromkeys(kept))[:MOST_CARRIED])


def _topics_of(before: Standalone, text: str, is_topic: Callable[[str], bool]) -> list[str]:
    return [word for word in _telling(before.own, text) if any(map(is_topic, terms(word)))]


def _telling(own: str, text: str) -> list[str]:
    return [word for word in _unsaid(own, text) if not (_GENERAL | _EMPTY) & set(terms(word))]


def _unsaid(own: str, text: str) -> list[str]:
    said = set(terms(text))
    return [word for word in _WORD.findall(own) if word.casefold() not in STOP_WORDS and not said & set(terms(word))]


def _options(before: Standalone, is_topic: Callable[[str], bool]) -> list[str]:
    """What the reader named to choose from, in order: "cbt or mindfulness"."""
    parts = re.split(r"\bor\b|,|/|\bvs?\b|\bversus\b|\band\b", f"{before.own}, {before.carried}")
    named = [[word for word in _telling(part, "") if any(map(is_topic, terms(word)))] or _telling(part, "") for part in parts]
    return list(dict.fromkeys(" ".join(words[-2:] if n == 0 else words[:2]) for n, words in enumerate(named) if words))
