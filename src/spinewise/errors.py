"""The errors that Spinewise raises on purpose.

    SpinewiseError          catch this to catch them all
      SettingsError         a setting has a value that cannot be used
      CorpusError           articles are missing or malformed; carries every problem found
      GateError             a new version falls short of the golden questions or safety sentences
      StoreError            the index is missing, damaged, foreign or locked
      RulesError            a file of safety rules or cards is malformed
      LanguageError         a file of words in some language is malformed
      SourceError           a page or document cannot be imported
      RequestError          a question that cannot be taken (too long, too many turns)

Each carries the value that was wrong in its message and the next step in `hint`.
"""

from __future__ import annotations


class SpinewiseError(Exception):
    """Base of all; `str(error)` says what is wrong, `error.hint` what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(SpinewiseError):
    """Raised when a setting's value cannot be used."""


class CorpusError(SpinewiseError):
    """Raised when articles are missing or malformed, before anything is published."""


class GateError(SpinewiseError):
    """Raised when a new version falls short and is not published; names every question and sentence that failed."""


class StoreError(SpinewiseError):
    """Raised when the index cannot be loaded or written; the live version is untouched."""


class RulesError(SpinewiseError):
    """Raised when a file of safety rules or cards is malformed; names the rule."""


class LanguageError(SpinewiseError):
    """Raised when a language's file is malformed; names the file and the key."""


class SourceError(SpinewiseError):
    """Raised when a page or document cannot be fetched, read or imported; the corpus is untouched."""


class RequestError(SpinewiseError):
    """Raised when a question cannot be taken; `status` is the HTTP status that fits.

    `reason` and `values` say the same to readers, in any language: the words `fault_<reason>`.
    """

    def __init__(self, message: str, hint: str = "", status: int = 422, reason: str = "", **values: int) -> None:
        super().__init__(message, hint)
        self.status = status
        self.reason = reason
        self.values = values
