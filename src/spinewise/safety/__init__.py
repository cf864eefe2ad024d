"""The red-flag screen: rules and cards as data, and what applies them. Needs no index, no model and no network."""

from spinewise.safety.cards import checklist, numbers
from spinewise.safety.checking import check_rules
from spinewise.safety.screening import screen

COUNTRIES = tuple(code for code in numbers() if code != "anywhere")
"""The codes that `numbers.yaml` has."""

__all__ = ["COUNTRIES", "check_rules", "checklist", "screen"]
