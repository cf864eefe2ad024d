"""Reads a typed word as words of the rules: its plain form, its stem, or the nearest spelling. Holds no medicine.

A misspelling is read as a word of the rules only if it is no common English word itself (`common.txt`: SCOWL's smaller
list by Kevin Atkinson and others, with inflected forms left out), so that "week" never turns into "weak".
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from spinewise.safety.tokens import DROPPED, numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NEAR = 5
"""Letters from which one wrong letter is forgiven."""
_FAR = 8
"""Letters from which two are."""
_LONGEST = 24
_REMEMBERED = 20_000
_ENDINGS = (
    ("ies", ("y",)), ("ied", ("y",)), ("ing", ("", "e")), ("in", ("", "e")), ("ed", ("", "e")), ("es", ("", "e")), ("s", ("",)), ("d", ("",)),
    ("er", ("", "e")), ("ly", ("",)),
)  # fmt: skip


def stems(word: str) -> list[str]:
    """What the word may be an inflection of: wiping, wiped and wipes of wipe."""
    found = []
    for ending, rests in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= (3 if ending == "d" else 2):  # "god" is no form of "go"
            base = word[: -len(ending)]
            found += [base + rest for rest in rests]
            if len(base) > 3 and base[-1] == base[-2] and ending in {"ing", "ed", "in", "er"}:
                found.append(base[:-1])
    return found


@cache
def common() -> frozenset[str]:
    """Common English words, inflected forms left out."""
    return frozenset(Path(__file__).with_name("common.txt").read_text(encoding="utf-8").split())


def is_common(word: str) -> bool:
    """Whether the word, or a stem of it, is common English."""
    known = common()
    return word in known or any(stem in known for stem in stems(word))


class Reader:
    """Maps typed words to the words that the rules know. The same word always reads the same."""

    def __init__(self, vocabulary: Iterable[str], spellings: Mapping[str, str]) -> None:
        self.vocabulary, self.spellings = frozenset(vocabulary), dict(spellings)
        self._spellings = self.spellings
        self._words: set[str] = set()
        self._beginnings: set[str] = set()
        for word in self.vocabulary:
            if word.endswith("*"):
                self._beginnings.add(word[:-1])
            elif not word.startswith("#"):
                self._words.add(word)
        self._lengths = sorted({len(b) for b in self._beginnings})
        self._seen: dict[str, frozenset[str]] = {}
        self._near: dict[str, list[str]] | None = None

    def read(self, word: str) -> frozenset[str]:
        """All the symbols the word stands for."""
        known = self._seen.get(word)
        if known is None:
            known = frozenset(self._read(word[:_LONGEST]))
            if len(self._seen) < _REMEMBERED:
                self._seen[word] = known
        return known

    def _read(self, word: str) -> set[str]:
        if word[0].isdigit():
            return {word, *numbers(word)}
        found = self._exact(word)
        if all(f.endswith("*") for f in found) and len(word) >= _NEAR and not is_common(word):
            for candidate in self._nearest(word):
                found |= self._exact(candidate) or ({candidate + "*"} if candidate in self._beginnings else set())
        return {word, *numbers(word), *found} if word.isascii() and word.isalpha() else {word, *found}

    def _exact(self, word: str) -> set[str]:
        found: set[str] = set()
        for form in (word, self._spellings[word]) if word in self._spellings else (word,):
            inflected = stems(form)
            if form.endswith(("er", "ly")) and form in common():  # "temper" is no kind of temp, "number" no kind of numb
                inflected = []
            found |= {w for w in (form, *inflected) if w in self._words}
            for length in self._lengths:
                if length > len(form):
                    break
                if form[:length] in self._beginnings:
                    found.add(form[:length] + "*")
        return found

    def parts(self, word: str) -> list[str]:
        """Cut a run-on word ("backpain", "cantfeel") into known words, or give it back whole."""
        if len(word) < 6 or len(word) > _LONGEST or self._exact(word) or word in self._spellings or is_common(word):
            return [word]
        if self._nearest(word):
            return [word]  # "anuther" is a slip of the finger, not "a nut her"
        best: dict[int, list[str]] = {0: []}
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - 12), end):
                piece = word[start:end]
                if start in best and self._whole(piece) and (end not in best or len(best[start]) + 1 < len(best[end])):
                    best[end] = [*best[start], piece]
        cut = best.get(len(word), [word])
        return cut if len(cut) <= 5 else [word]

    def _whole(self, piece: str) -> bool:
        if len(piece) < 3:
            return piece in {"i", "my", "is", "in", "to", "it", "a", "no"}
        return piece in self._words or piece in DROPPED or piece in common()

    def _nearest(self, word: str) -> set[str]:
        if self._near is None:
            self._near = _index(w for w in self._words | self._beginnings if len(w) >= _NEAR - 1 and w.isalpha())
        found: set[str] = set()
        for form in (word, *stems(word)[:3]):
            if len(form) < _NEAR - 1:
                continue
            for key in _lose_one(form):
                for candidate in self._near.get(key, ()):
                    if _one_apart(form, candidate) or (
                        len(candidate) >= _FAR and len(form) >= _FAR - 1 and _two_apart(form, candidate)
                    ):
                        found.add(candidate)
            if found:
                break
        return found


def _lose_one(word: str) -> set[str]:
    """The word, and it with any one letter left out; long words also by their consonants, which survive most slips."""
    keys = {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}
    if len(word) >= _FAR - 1:
        keys.add("=" + _bones(word))
    return keys


def _bones(word: str) -> str:
    kept = word[0]
    for letter in word[1:].replace("ph", "f").replace("ck", "k").replace("c", "s").replace("z", "s"):
        if letter not in "aeiouyh" and letter != kept[-1]:
            kept += letter
    return kept


def _index(words: Iterable[str]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for word in words:
        for key in _lose_one(word):
            index.setdefault(key, []).append(word)
    return index


def _one_apart(a: str, b: str) -> bool:
    """One letter wrong, missing or too many, or two neighbours swapped; the first letter may only be swapped."""
    if abs(len(a) - len(b)) > 1 or max(len(a), len(b)) < _NEAR:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    if i == 0 and (len(a) != len(b) or a[:2] != b[1::-1]):
        return False
    if len(a) == len(b):
        return a[i + 1 :] == b[i + 1 :] or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])
    return a[i:] == b[i + 1 :] or a[i + 1 :] == b[i:]


def _two_apart(a: str, b: str) -> bool:
    """At most two slips apart, by the usual table cut to a band of five."""
    if a[0] != b[0] or abs(len(a) - len(b)) > 2:
        return False
    previous = list(range(len(b) + 1))
    older = previous
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        older, previous = previous, row
    return previous[-1] <= 2
