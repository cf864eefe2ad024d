"""The one place where settings are read: defaults, then `spinewise.toml`, then the environment. Decides nothing else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from spinewise.errors import SettingsError

PREFIX = "SPINEWISE_"
HOSTING_NAMES = {"host": ("HOST", "GRADIO_SERVER_NAME"), "port": ("PORT", "GRADIO_SERVER_PORT")}
"""What hosts of Gradio apps and `make chat` call the address; our own names win over them."""
_ORIGIN = re.compile(r"https?://(?:\*\.(?=[^:]*\.))?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?")

PATHS = {"corpus", "index", "languages"}
SHORTEST_TOKEN = 16
"""Characters of a refresh token, below which it could be guessed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, each also an environment variable: `SPINEWISE_` and the name in capitals."""

    corpus: Path = Path("corpus")
    """The folder with the articles."""
    index: Path = Path("index")
    """The folder that holds the built versions."""
    model: str = "all-MiniLM-L6-v2"
    """The embedding model used at refresh: the packaged one, a folder, or a name known to sentence-transformers."""
    host: str = "127.0.0.1"
    port: int = 7860
    country: str = ""
    """Two-letter code for emergency numbers; empty names the UK, US, EU and Australian ones."""
    language: str = "en"
    """The language of whatever is not the articles' own, for readers who choose none: en, de, es, fr or one of `languages`."""
    languages: Path | None = None
    """A folder with the site's own languages, one file each; see docs/languages.md."""
    site: str = "Spinewise"
    """The name shown at the top of the chat."""
    sites: tuple[str, ...] = ()
    """Other sites that may show the widget and call the API: origins like https://www.example.org, or https://*.example.org."""
    limit: int = 60
    """Questions a minute that one visitor may ask; 0: as many as they like."""
    proxies: str = "127.0.0.1"
    """Addresses or networks, with commas between them, of proxies that are believed when they name the visitor; * is everyone."""
    threads: int = 1
    """Processor threads that the encoder may use. A second makes it faster by itself and the whole reply slower (measured)."""
    refresh_token: str = field(default="", repr=False)
    """The secret with which `POST /api/v1/refresh` is asked; empty: there is no such route."""
    learning_key: str = field(default="", repr=False)
    """A Fernet key. With it, questions that nothing answers are kept for 30 days, scrubbed and sealed; without it none is."""
    editors: tuple[str, ...] = field(default=(), repr=False)
    """Who may open the console at /editors, one entry each as `spinewise editors NAME` prints it; nobody: there is no console."""


def load_settings(environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Read settings from `file` (default `spinewise.toml`, if there) and then from `environ`, which wins.

    Raises:
        SettingsError: the file cannot be read, a name is unknown, or a value does not fit.
    """
    values: dict[str, Any] = _from_file(file or Path("spinewise.toml"))
    for name in Settings.__dataclass_fields__:
        for variable in (*reversed(HOSTING_NAMES.get(name, ())), PREFIX + name.upper()):
            if environ.get(variable):
                values[name] = environ[variable]
    return Settings(**{f.name: _fit(f.name, values[f.name]) for f in fields(Settings) if f.name in values})


def _from_file(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}", "mend the file or remove it") from error
    unknown = sorted(values.keys() - Settings.__dataclass_fields__.keys())
    if unknown:
        known = ", ".join(Settings.__dataclass_fields__)
        raise SettingsError(f"{file}: unknown setting {unknown[0]!r}", f"known settings: {known}")
    return values


def _fit(name: str, value: Any) -> Any:
    if name in PATHS and isinstance(value, str) and value:
        return Path(value)
    if name in {"port", "threads", "limit"}:
        lowest, highest = {"port": (1, 65535), "threads": (1, 256), "limit": (0, 100_000)}[name]
        if not str(value).isdecimal() or not lowest <= int(value) <= highest:
            raise SettingsError(f"{name} is {value!r}", f"give a whole number from {lowest} to {highest}")
        return int(value)
    if name == "sites":
        return _origins(value)
    if name == "editors":
        return _listed(name, value)
    if not isinstance(value, str) or name in PATHS:
        raise SettingsError(f"{name} is {value!r}", "give a text in quotes")
    if name == "refresh_token" and 0 < len(value) < SHORTEST_TOKEN:
        hint = f"give {SHORTEST_TOKEN} or more, as `openssl rand -hex 32` makes them"
        raise SettingsError(f"refresh_token has {len(value)} characters", hint)
    return value


def _origins(value: Any) -> tuple[str, ...]:
    listed = _listed("sites", value)
    for origin in listed:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(f"sites has {origin!r}", "write an origin like https://www.example.org or https://*.example.org")
    return listed


def _listed(name: str, value: Any) -> tuple[str, ...]:
    """Texts from a list, or from a text with commas or blanks between them."""
    listed = re.split(r"[,\s]+", value.strip(", \t\n")) if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        raise SettingsError(f"{name} is not a list of texts", "give a list, or a text with commas between")
    return tuple(listed)
