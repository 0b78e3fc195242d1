"""notify's page and its files, made ready once."""

from pathlib import Path

from shared.web.pages.assets import Assets
from shared.web.pages.page import Pages

#: services/notify/messages/context.py links to it.
PAGE = "/berhenti"
_HERE = Path(__file__).parent

ASSETS = Assets(f"{PAGE}/aset")
PAGES = Pages(_HERE, ASSETS)
