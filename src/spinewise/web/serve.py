"""Starts the server: builds the index where it is missing, checks that the port is free, and serves."""

from __future__ import annotations

import contextlib
import gc
import socket
import sys
import threading

from spinewise.errors import SettingsError, SpinewiseError
from spinewise.index.live import LiveIndex
from spinewise.index.store import current_version
from spinewise.records import Turn
from spinewise.safety import screen
from spinewise.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until stopped.

    Raises:
        SettingsError: the address cannot be had.
        CorpusError, StoreError: there is no index and none can be built.
    """
    listening = listen(settings.host, settings.port)
    gc.disable()  # until all is loaded: what start-up makes stays, and looking through it again and again costs a tenth of it
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped
        _serve(settings, listening)


def _serve(settings: Settings, listening: socket.socket) -> None:
    if current_version(settings.index) is None:
        _build(settings)
    live = LiveIndex(settings.index, settings.threads)
    warming = threading.Thread(target=_warm, args=(live,), daemon=True)
    warming.start()
    import uvicorn  # noqa: PLC0415  (these imports take a third of a second, in which the index loads)

    from spinewise.web.app import create_app  # noqa: PLC0415

    shown = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  (compared, not bound)
    print(f"Spinewise is at http://{shown}:{settings.port} (stop it with Ctrl-C)", file=sys.stderr, flush=True)
    app = create_app(settings, live, before_chat=warming.join, when_complete=_collect_from_now)
    uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=5, forwarded_allow_ips=settings.proxies
        )
    ).run(sockets=[listening])


def _collect_from_now() -> None:
    gc.freeze()
    gc.enable()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address.

    Raises:
        SettingsError: the address cannot be had.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}", "give another, as in PORT=7861") from error
    return listening


def _build(settings: Settings) -> None:
    from spinewise.progress import terminal_progress  # noqa: PLC0415  (only where there is no index yet)
    from spinewise.refresh import refresh  # noqa: PLC0415

    print("building the index, once; this takes a minute or two", file=sys.stderr, flush=True)
    with terminal_progress(sys.stderr) as progress:
        refresh(settings, progress=progress)


def _warm(live: LiveIndex) -> None:
    """Load the rules and the index before the first reader asks; what is wrong is said by the self-check that follows."""
    with contextlib.suppress(SpinewiseError):
        screen([Turn("warm up")])
        live.get().encoder.encode(["warm up"])
