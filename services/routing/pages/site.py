"""routing's pages and their files, made ready once."""

from pathlib import Path

from shared.web.pages.assets import Assets
from shared.web.pages.page import Pages
from shared.web.pages.roster_tokens import PAGE

_HERE = Path(__file__).parent

ASSETS = Assets(f"{PAGE}/aset", _HERE / "static")
PAGES = Pages(_HERE, ASSETS)
