"""Starts the chat: settings, index (built if missing), web application, server. `python app.py` is all a host needs."""

import os
import sys

from spinewise.errors import SpinewiseError
from spinewise.settings import load_settings
from spinewise.web.serve import serve

if __name__ == "__main__":
    try:
        serve(load_settings(os.environ))
    except SpinewiseError as error:
        sys.exit(f"error: {error}\nhint: {error.hint}")
