"""Turns what readers type into plain words with their places. Knows no concept and no rule; never raises on any text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKS = "\u0300-\u036f\u00ad\u200b-\u200f\ufeff\ufe0f"
_WORD = re.compile(rf"\d+(?:[.,:]\d+)*|[^\W\d_](?:[^\W\d_]|[{_MARKS}]|['’ʼ`´‘](?=[^\W\d_]))*|[&+]|[🍑💩🍆🚽]")
_STRIP = re.compile(rf"[{_MARKS}'’ʼ`´‘]")
_REPEAT = re.compile(r"(.)\1{2,}")
_ENDS = frozenset(".!?\n;…。！？")
_PAUSES = frozenset(',:-–—()/"“”')
_SMALL_ONES = frozenset("boy girl one lad lass lassie man bairn wean baby fella yin son daughter dog cat bit while".split())
_ABLE = {"can": "cant", "could": "couldnt"}
_ABBREVIATED = {"od'd": "overdosed", "od’d": "overdosed", "od'ed": "overdosed"}
_EMOJI = {"🍑": "bum", "💩": "poo", "🍆": "penis", "🚽": "toilet", "&": "and", "+": "and"}
_NOT_AFTER = {
    "can": "cant", "do": "dont", "did": "didnt", "does": "doesnt", "has": "hasnt", "have": "havent", "had": "hadnt", "is": "isnt",
    "are": "arent", "was": "wasnt", "were": "werent", "could": "couldnt", "will": "wont", "would": "wouldnt", "am": "not",
}  # fmt: skip

DROPPED = frozenset(
    """the a an my your his her their our ur ma mi this that these those me
    i you he she they we it u im ive id youre youve hes shes theyre theyve weve its itll itd hed theyd were
    is are am was were be been being has have had having got get gets getting gotten gets do does did will would ve s re ll
    really very so quite totally completely pretty kinda kind sort sorta actually basically literally honestly just even still
    um uh er erm ah oh lol like any some ever absolutely proper
    of to tae all theres thats what's whats whos who which bloody fucking fuckin effing damn flipping freaking
    omg tbh haha hi hello please pls plz already seem seems seemed
    them him us em as must should may might dey""".split(),
)
"""Small words left out of readers' text and of the rules' phrases alike, so that "I can't feel it when I wipe" and "she
cannot feel when she wipes" are one phrase."""

SUBJECTS = frozenset("i im ive id he hes she shes they theyre theyve we weve it its you".split())
_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_BEING = frozenset("im am hes shes is was theyre are s".split())
"""Before a number these mostly tell an age, so the word "aged" is put in front: "I'm 71", "she's 3"."""
_SWALLOWED = frozenset("took taken take taking swallowed downed necked popped ate consumed drank drunk".split())
_WITH_ME = frozenset("without take kill".split())
"""After these "me" is no small word: "better without me" is not "better without", so it is joined to them."""
_DECIDED = frozenset("how going gonna about ready plan planning decided intend".split())
"""After these "do it" may be an act that is meant, and is kept as one word."""
_FLUIDS = frozenset(
    "phlegm sputum spit mucus urine pee wee stool stools poo poop discharge diarrhoea diarrhea vomit sick".split()
)
_THIS_YEAR = 2026


@dataclass(slots=True)
class Words:
    """The words of a conversation, small words left out. Lists run in step; built once, then only read."""

    text: list[str] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    turn: list[int] = field(default_factory=list)
    sentence: list[int] = field(default_factory=list)
    """Sentence within its turn; a new turn always begins a new one."""
    joined: list[int] = field(default_factory=list)
    """Sentence for matching: runs on over a turn that ends without a full stop."""
    comma: list[bool] = field(default_factory=list)
    left_out: list[tuple[str, ...]] = field(default_factory=list)
    """The small words left out just before this word."""
    raw: list[list[str]] = field(default_factory=list)
    """Every word of each sentence, small ones too; indexed by sentence."""
    question: list[bool] = field(default_factory=list)
    """Whether the sentence ends in a question mark."""
    turn_of_sentence: list[int] = field(default_factory=list)


@lru_cache(maxsize=20_000)
def plain(word: str) -> str:
    """Lower case, no marks or apostrophes, no letter more than twice in a row."""
    word = word.lower() if word.isascii() else unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    word = _STRIP.sub("", word) if not word.isalnum() or not word.isascii() else word
    return _REPEAT.sub(r"\1\1", word) if word.isalpha() else word


def numbers(word: str) -> tuple[str, ...]:
    """The classes a number belongs to, as the rules' phrases name them: `#60plus`, `#fever`, `#year` and so on."""
    if word in _NUMBER_WORDS:
        value = float(_NUMBER_WORDS[word])
    else:
        digits = word.replace(",", ".").split(":")[0]
        if (
            not digits[:1].isdecimal()
            or not digits.isascii()
            or not digits.replace(".", "").isdecimal()
            or digits.count(".") > 1
            or len(digits) > 8
        ):
            return ()
        value = float(digits)
    whole = value == int(value)
    found = ["#any"]
    limits = {
        "#1to5": (1, 5), "#under18": (1, 17), "#under45": (16, 44), "#60plus": (60, 108), "#65plus": (65, 108), "#70plus": (70, 108),
        "#50plus": (50, 108), "#many": (9, 500), "#dozenplus": (13, 500), "#some": (2, 500), "#weeks13": (13, 42), "#lowtemp": (34, 37.5),
    }  # fmt: skip
    found += [name for name, (low, high) in limits.items() if low <= value <= high]
    if 37.9 <= value <= 43 or 100.3 <= value <= 109:
        found.append("#fever")
    if "." in word and 38 <= value < 42:
        found.append("#feverdecimal")
    if whole and 1940 <= value < _THIS_YEAR:
        found.append("#year")
    return tuple(found)


def read(turns: Sequence[str]) -> Words:
    """Cut the turns into words. Every place counts in the characters of its own turn."""
    words = Words()
    joined = 0
    for number, text in enumerate(turns):
        if number and not _runs_on(turns[number - 1]):
            joined += 1
        joined = _read_turn(words, number, text, joined)
    return words


def _runs_on(text: str) -> bool:
    """Whether a message breaks off without an end mark, so that the next may carry the sentence on."""
    tail = text.rstrip()
    return bool(tail) and tail[-1] not in _ENDS


def _open_sentence(words: Words, turn: int) -> None:
    words.raw.append([])
    words.question.append(False)
    words.turn_of_sentence.append(turn)


def _add(words: Words, word: str, place: tuple[int, int, int, int], *, comma: bool, left_out: list[str]) -> None:
    words.text.append(word)
    words.start.append(place[0])
    words.end.append(place[1])
    words.turn.append(place[2])
    words.joined.append(place[3])
    words.sentence.append(len(words.raw) - 1)
    words.comma.append(comma)
    words.left_out.append(tuple(left_out))


def _read_turn(words: Words, turn: int, text: str, joined: int) -> int:
    _open_sentence(words, turn)
    before = 0
    comma = False
    shouting = text.isupper()
    left_out: list[str] = []
    for found in _WORD.finditer(text):
        between = text[before : found.start()]
        before = found.end()
        if len(between) > 1 or (between and between != " "):
            marks = set(between)
            if marks & _ENDS and words.raw[-1]:
                words.question[-1] = "?" in between
                _open_sentence(words, turn)
                joined += 1
                comma, left_out = False, []
            elif marks & _PAUSES and between != "-":
                comma = True
        word = _EMOJI.get(found.group()) or _ABBREVIATED.get(found.group().lower()) or plain(found.group())
        if not word:
            continue
        if found.group() == "AS" and not shouting:
            word = "ankylosing"
        words.raw[-1].append(word)
        if word == "not" and words.text and not left_out and words.turn[-1] == turn and words.text[-1] in _ABLE:
            words.text[-1], words.end[-1] = _ABLE[words.text[-1]], found.end()
            continue
        begin = found.start()
        if word == "not" and left_out and left_out[-1] in _NOT_AFTER:
            word = _NOT_AFTER[left_out.pop()]
        if (
            word == "it"
            and not left_out
            and words.text
            and words.text[-1] in {"end", "ending", "ended"}
            and words.sentence[-1] == len(words.raw) - 1
        ):
            words.text[-1], words.end[-1] = "endit", found.end()
            continue
        if (
            word == "me"
            and not left_out
            and words.text
            and words.text[-1] in _WITH_ME
            and words.sentence[-1] == len(words.raw) - 1
        ):
            words.text[-1], words.end[-1] = words.text[-1] + "me", found.end()
            continue
        if word == "here" and left_out[-1:] in (["be"], ["being"]):
            word = "behere"  # "I don't want to be here" is not "I don't want it here"
        if word == "it" and left_out[-1:] == ["do"] and words.text and words.text[-1] in _DECIDED:
            word = "doit"
        if word == "live" and left_out[-2:] == ["will", "to"]:
            word = "willtolive"
        if word == "up" and left_out[-1:] == ["it"]:
            word = "itup"  # "can't get it up" is not "can't get up"
        if word == "fit" and words.text[-1:] == ["no"] and not left_out and words.turn[-1] == turn:
            words.text[-1], words.end[-1] = "cant", found.end()  # Nigerian English: "I no fit pee"
            continue
        if word in {"fit", "fits"} and left_out[-1:] == ["a"] and {"had", "having", "has", "have"} & set(left_out):
            word = "seizure"  # "she's having a fit" is not "how do I get fit"
        if word in _SMALL_ONES and words.text[-1:] == ["wee"] and not left_out and words.turn[-1] == turn:
            words.text[-1] = "little"  # "my wee boy" is a child
        if word == "all" and words.text and words.text[-1] in _SWALLOWED and words.turn[-1] == turn:
            word = "allof"  # "took all my tablets" is not "took my tablets"
        if word in DROPPED:
            left_out.append(word)
            continue
        place = (begin, found.end(), turn, joined)
        if left_out[-1:] == ["bloody"] and (
            word in _FLUIDS or (left_out[-2:-1] in (["is"], ["was"]) and words.text[-1:] and words.text[-1] in _FLUIDS)
        ):
            _add(words, "blood", place, comma=comma, left_out=left_out)  # "bloody phlegm" is no curse
            comma, left_out = False, []
        if word[0].isdigit() or word in _NUMBER_WORDS:
            first = len(words.raw[-1]) == 1 and text[found.end() : found.end() + 1] == ","
            if "." not in word and (
                first or (left_out and left_out[-1] in _BEING and words.text[-1:] not in (["temp"], ["temperature"], ["pain"]))
            ):
                _add(words, "aged", place, comma=comma, left_out=left_out)
                comma, left_out = False, []
            elif left_out[-1:] == ["had"]:
                _add(words, "hadcount", place, comma=comma, left_out=left_out)  # "she's had 40 paracetamol"
                comma, left_out = False, []
        _add(words, word, place, comma=comma, left_out=left_out)
        comma, left_out = False, []
    words.question[-1] = "?" in text[before:]
    return joined
