"""`python -m models.hub`: fetches a module, publishes, serves and builds them."""

from __future__ import annotations

import sys

from models.publishing.command import main

if __name__ == "__main__":
    sys.exit(main())
