"""The red-flag screen: rules and cards as data, and what applies them. Needs no index, no model and no network."""

from spinewise.safety.cards import checklist, numbers
from spinewise.safety.offer import offers_checklist
from spinewise.safety.screening import screen

__all__ = ["checklist", "numbers", "offers_checklist", "screen"]
