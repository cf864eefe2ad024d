"""Looks for phrases and concepts in one text, each only when it is asked for. Knows no rule; weighs nothing."""

from __future__ import annotations

from collections.abc import Mapping

from spinewise.safety.phrases import DENIERS, Step

Entry = tuple[tuple[Step, ...], tuple[frozenset[str], ...], frozenset[str]]
"""A phrase, the words of which one must be in the text for each further place, and what it can begin with: words, or `<name>`."""
Family = tuple[Mapping[str, list[Entry]], list[Entry]]
"""The phrases of one concept: under the rarest words that they cannot do without, and those that hang on another concept."""
Span = tuple[int, int]


class Sheet:
    """One text, and where each concept that was looked for stands in it."""

    __slots__ = ("_families", "_last", "_spans", "_starts", "_symbols", "places")

    def __init__(self, symbols: list[frozenset[str]], joined: list[int], families: Mapping[str, Family]) -> None:
        """`symbols` are what each word reads as, `joined` the number of its sentence."""
        self._symbols, self._families = symbols, families
        self.places: dict[str, list[int]] = {}
        """Where each symbol stands."""
        for at, here in enumerate(symbols):
            for symbol in here:
                self.places.setdefault(symbol, []).append(at)
        self._starts: dict[str, dict[int, set[int]]] = {}
        self._spans: dict[str, list[Span]] = {}
        self._last = [0] * len(symbols)
        end = len(symbols)
        for at in range(len(symbols) - 1, -1, -1):
            if at + 1 < len(symbols) and joined[at] != joined[at + 1]:
                end = at + 1
            self._last[at] = end

    def hide(self, at: int, shown: str) -> None:
        """Let the word at `at` be nothing but `shown` for every concept looked for from now on."""
        for symbol in self._symbols[at]:
            self.places[symbol].remove(at)
            if not self.places[symbol]:
                del self.places[symbol]
        self._symbols[at] = frozenset({shown})
        self.places.setdefault(shown, []).append(at)

    def spans(self, concept: str) -> list[Span]:
        """Where the concept stands, first words first, each as (first word, word past the last)."""
        found = self._spans.get(concept)
        if found is None:
            begun = self._starting(concept)
            found = self._spans[concept] = sorted((start, end) for start in begun for end in begun[start]) if begun else []
        return found

    def _starting(self, concept: str) -> dict[int, set[int]]:
        """Every place where the concept begins, with all the places where it can end."""
        found = self._starts.get(concept)
        if found is None:
            found = self._starts[concept] = {}
            by_word, others = self._families[concept]
            if not by_word.keys().isdisjoint(self.places):
                for word in by_word.keys() & self.places.keys():
                    for entry in by_word[word]:
                        self._look_for(entry, found)
            for entry in others:
                self._look_for(entry, found)
        return found

    def _look_for(self, entry: Entry, found: dict[int, set[int]]) -> None:
        steps, needs, beginnings = entry
        places = self.places
        for need in needs:
            if need.isdisjoint(places):
                return
        for beginning in beginnings:
            starts = self._starting(beginning[1:-1]) if beginning[0] == "<" else places.get(beginning, ())
            for start in starts:
                if ends := self._ends(steps, start, self._last[start]):
                    found.setdefault(start, set()).update(ends)

    def _ends(self, steps: tuple[Step, ...], start: int, limit: int) -> set[int]:
        """Every place where the phrase can end if it begins at `start`, within the sentence that ends at `limit`."""
        places = {start}
        symbols = self._symbols
        for step in steps:
            following = set(places) if step.optional else set()
            if step.gap:
                for at in places:
                    following.add(at)
                    for beyond in range(at, min(at + step.gap, limit)):
                        if not symbols[beyond].isdisjoint(DENIERS):
                            break
                        following.add(beyond + 1)
            elif step.forbids:
                following = {at for at in places if at >= limit or symbols[at].isdisjoint(step.words)}
            elif step.concept:
                begun = self._starting(step.concept)
                for at in places:
                    following.update(e for e in begun.get(at, ()) if e <= limit)
            else:
                for at in places:
                    if at < limit:
                        if not symbols[at].isdisjoint(step.words):
                            following.add(at + 1)
                        if step.choices:
                            self._choose(step, at, limit, following)
            if not following:
                return following
            places = following
        places.discard(start)
        return places

    def _choose(self, step: Step, at: int, limit: int, following: set[int]) -> None:
        by_first = step.by_first
        for symbol in by_first.keys() & self._symbols[at]:
            for choice in by_first[symbol]:
                following |= self._ends(choice, at, limit)
        for name in step.named:
            if at in self._starting(name):
                for choice in by_first[f"<{name}>"]:
                    following |= self._ends(choice, at, limit)
