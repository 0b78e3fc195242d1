"""QR codes, drawn here: no other host learns which ticket is followed."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """An SVG element, black on white in dark pages too: cameras want it so."""
    drawn = segno.make_qr(text, error="m").svg_inline(
        scale=4, border=3, dark="#000", light="#fff", omitsize=True
    )
    # made of numbers alone
    return Markup(drawn)  # noqa: S704
