"""Every word of ours that readers see, one file a language, and the choice among them. Translates nothing by itself."""

from spinewise.languages.catalogue import Language
from spinewise.languages.choosing import ENGLISH, Languages

__all__ = ["ENGLISH", "Language", "Languages"]
