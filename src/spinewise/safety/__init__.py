"""The red-flag screen: rules and cards as data, and what applies them. Needs no index, no model and no network."""

from spinewise.safety.cards import card_words, checklist, numbers, render
from spinewise.safety.offer import offers_checklist
from spinewise.safety.screening import screen

__all__ = ["card_words", "checklist", "numbers", "offers_checklist", "render", "screen"]
