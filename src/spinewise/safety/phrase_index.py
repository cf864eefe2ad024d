"""Files the phrases of each concept under the rarest words that they cannot do without. Matches nothing; see `sheet`.

A word is rare if few of the rules' harmless test sentences have it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from spinewise.safety.phrases import Step, firsts, needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spinewise.safety.sheet import Entry, Family


class Index:
    """The phrases of all concepts, weighed by how common their words are."""

    def __init__(self, phrases: Mapping[str, list[tuple[Step, ...]]], typical: Iterable[str]) -> None:
        """`typical` are symbols of readers' sentences, each as often as it stands there."""
        self._phrases = phrases
        self._common = Counter(typical)
        self._weights: dict[str, int] = {}
        self._keys: dict[str, list[frozenset[str]]] = {}

    def weight(self, name: str) -> int:
        """How common the concept is: the sum over the words of which it needs one."""
        if name not in self._weights:
            self._weights[name] = sum(map(self._weigh, self._keys_of(name)))
        return self._weights[name]

    def _weigh(self, need: frozenset[str]) -> int:
        return sum(self.weight(symbol[1:-1]) if symbol[0] == "<" else 1 + self._common[symbol] for symbol in need)

    def _keys_of(self, name: str) -> list[frozenset[str]]:
        """For each phrase of the concept, the rarest of what it cannot do without."""
        if name not in self._keys:
            self._keys[name] = [
                min(_places(steps), key=lambda need: (self._weigh(need), sorted(need))) for steps in self._phrases[name]
            ]
        return self._keys[name]

    def families(self) -> dict[str, Family]:
        """The phrases of each concept, filed."""
        found: dict[str, Family] = {}
        for name, family in self._phrases.items():
            by_word: dict[str, list[Entry]] = {}
            others: list[Entry] = []
            for steps, key in zip(family, self._keys_of(name), strict=True):
                filed = not _hangs(key)
                needs = tuple(need for need in needed(steps) if not _hangs(need) and not (filed and need == key))
                entry = (steps, needs, frozenset(firsts(steps)))
                if filed:
                    for word in sorted(key):
                        by_word.setdefault(word, []).append(entry)
                else:
                    others.append(entry)
            found[name] = (by_word, others)
        return found

    def watched(self, names: Iterable[str]) -> dict[str, list[str]]:
        """For every word, and concept as `<name>`, the concepts among these that may be there if it is."""
        found: dict[str, list[str]] = {}
        waiting, seen = list(dict.fromkeys(names)), set(names)
        while waiting:
            name = waiting.pop()
            for symbol in sorted(frozenset().union(*self._keys_of(name))):
                found.setdefault(symbol, []).append(name)
                if symbol[0] == "<" and symbol[1:-1] not in seen:
                    seen.add(symbol[1:-1])
                    waiting.append(symbol[1:-1])
        return found


def _places(steps: tuple[Step, ...]) -> tuple[frozenset[str], ...]:
    return needed(steps) or (frozenset(firsts(steps)),)


def _hangs(need: frozenset[str]) -> bool:
    """Whether another concept can stand at this place."""
    return any(symbol[0] == "<" for symbol in need)
