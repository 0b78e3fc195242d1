"""Addresses of the web: origins of pages, in the form that browsers send them
(`https://desa.example`), and which are read by nobody on the way."""

import re
from urllib.parse import urlsplit


def origins_of(text: str) -> tuple[str, ...]:
    """The list of a setting: origins, with commas between them. Raises ValueError, which says what
    is wrong with the first that is none."""
    found = tuple(one.strip() for one in text.split(",") if one.strip())
    for one in found:
        if one != (browsers := _as_browsers_write(one)):
            raise ValueError(
                f"'{one}' is no origin; " + (f"write '{browsers}'" if browsers else _FORM)
            )
    return found


_FORM = "it is a scheme and a host, as in 'https://desa.example', and neither '*' nor 'null'"
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
_PORTS = {"http": 80, "https": 443}
_HERE = ("127.0.0.1", "localhost", "::1")


def is_unread_on_its_way(url: str) -> bool:
    """Whether nobody else reads or changes what goes to this web address: by https, or to this host
    itself, for who tries things out."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _HERE))


def _as_browsers_write(text: str) -> str | None:
    """In small letters, without the scheme's own port, path or name of a user; None where there is
    no such form."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        host = host and host.encode("idna").decode() if host and ":" not in host else host
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host or parts.username is not None:
        return None
    if not _HOST.fullmatch(host):
        return None
    host = f"[{host}]" if ":" in host else host
    shown = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"
