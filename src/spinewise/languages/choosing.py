"""The languages there are: ours, and those of a site's own folder; which one is meant by a tag. Reads no request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from spinewise.errors import SettingsError
from spinewise.languages.catalogue import HERE, Language, parse, read

ENGLISH = "en"


class Languages:
    """Our languages, read when they are first needed, and a site's, read at once so that a mistake shows at the start."""

    def __init__(self, default: str = ENGLISH, folder: Path | None = None, *, keeps: bool = False) -> None:
        """`default` is the language of whoever asks for none; `folder` holds the site's own files; with `keeps` readers are told
        that questions which nothing answers are kept.

        Raises:
            LanguageError: a file in `folder` is malformed.
            SettingsError: `folder` is no folder, or there is no language `default`.
        """
        if folder is not None and not folder.is_dir():
            raise SettingsError(f"languages is {str(folder)!r}, which is no folder", "give the folder with the site's languages")
        self._own = {file.stem: _own(file) for file in sorted(folder.glob("*.yaml"))} if folder else {}
        self.codes = tuple(sorted(self._own.keys() | _ours().keys()))
        if default not in self.codes:
            raise SettingsError(f"language is {default!r}", f"give one of {', '.join(self.codes)}")
        self.default, self._keeps = default, keeps

    def named(self, code: str) -> Language | None:
        """The language `code`, if there is one."""
        if code not in self.codes:
            return None
        found = self._own.get(code) or _our(code)
        if self._keeps:
            found = replace(found, words=_keeping(found.words))
        return found if code == self.default else replace(found, query=f"?lang={code}")

    def pick(self, wanted: str = "") -> Language:
        """The language meant by a tag such as `de-AT`; the default where there is none such."""
        tag = wanted.strip().casefold().replace("_", "-")
        known = {code.casefold(): code for code in self.codes}
        code = known.get(tag) or known.get(tag.partition("-")[0]) or self.default
        found = self.named(code)
        assert found is not None
        return found

    def all(self) -> tuple[Language, ...]:
        """Every language, by its code."""
        return tuple(map(self.pick, self.codes))


def _keeping(words: Mapping[str, str]) -> dict[str, str]:
    """The words, such that none says that nothing is kept."""
    nothing, unanswered = words["keeps_nothing"], words["keeps_unanswered"]
    return {key: text.replace(nothing, unanswered) for key, text in words.items()}


@cache
def _ours() -> Mapping[str, Path]:
    return {file.stem: file for file in HERE.glob("*.yaml")}


@cache
def _raw(code: str) -> Mapping[str, Any]:
    return read(_ours()[code])


@cache
def _our(code: str) -> Language:
    return parse(_ours()[code], _raw(code), _raw(ENGLISH))


def _own(file: Path) -> Language:
    """A site's file: of a language that we have too, it need only hold what it says otherwise."""
    over = _raw(file.stem) if file.stem in _ours() else None
    return parse(file, read(file, over), _raw(ENGLISH))
