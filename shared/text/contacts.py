"""The addresses that people give, by channel: checked when they are given, and in one form. Pure.

intake and notify take them, keep them and compare them: what their one form is, is decided here.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from email_validator import EmailNotValidError, validate_email

from shared.text import phones
from shared.text.wording import Text, Unfit

_CHAT_ID = re.compile(r"-?[1-9][0-9]{2,15}")
_CHAT_NAME = re.compile(
    r"(?:@|(?:https?://)?(?:www\.)?(?:t|telegram)\.me/@?)([A-Za-z][A-Za-z0-9_]{3,31})/?"
)
#: Begins an encoded word (RFC 2047), which mail programs may read as another address.
_ENCODED = "=?"
_VISIBLE = re.compile(r"[!-~]([ -~]*[!-~])?")


def canonical(channel: str, written: str) -> str:
    """The address that `written` means. Raises `Unfit`, which says what is expected.

    `channel`: the kind of address, `email`, `whatsapp`, `phone` or `telegram`; one of another kind
    stays as it is.
    """
    return _READERS.get(channel, _other)(written)


def meant(channel: str, written: str) -> str:
    """The same of what was kept before it was checked: what cannot be read stays as it is."""
    try:
        # who is to have WhatsApp on a line that is no mobile has it, or the provider says no
        return canonical("phone" if channel == "whatsapp" else channel, written)
    except Unfit:
        return written


def _email(written: str) -> str:
    text = _seen(written).removeprefix("mailto:")
    try:
        if _ENCODED in text:
            raise EmailNotValidError
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        said = Text(
            "Tuliskan satu alamat surel, misalnya nama@desa.id.",
            "Expected one e-mail address, such as nama@desa.id",
        )
        raise Unfit(said, code="bad_email") from None
    # an address without SMTPUTF8 has such a form: the domain's letters are written in ASCII
    return found.ascii_email or found.normalized


def _number(written: str) -> str:
    if number := phones.canonical(written):
        return number
    said = Text(
        "Tuliskan satu nomor telepon, misalnya 0812 5555 1234; "
        "nomor luar negeri diawali + dan kode negara.",
        "Expected one telephone number, such as 0812 5555 1234; "
        "a foreign one begins with + and its country's code",
    )
    raise Unfit(said, code="bad_number")


def _mobile(written: str) -> str:
    number = _number(written)
    if phones.is_mobile(number):
        return number
    said = Text(
        "Tuliskan nomor ponsel yang memakai WhatsApp, misalnya 0812 5555 1234.",
        "Expected the number of a mobile with WhatsApp, such as 0812 5555 1234",
    )
    raise Unfit(said, code="not_mobile")


def _chat(written: str) -> str:
    text = unicodedata.normalize("NFKC", _seen(written))
    if _CHAT_ID.fullmatch(text):
        return text
    if name := _CHAT_NAME.fullmatch(text):
        return f"@{name[1]}"
    said = Text(
        "Tuliskan ID obrolan Telegram, misalnya 123456789, atau nama, misalnya @nama_pengguna.",
        "Expected the id of a Telegram chat, such as 123456789, or a name, such as @nama_pengguna",
    )
    raise Unfit(said, code="bad_chat")


def _other(written: str) -> str:
    if _VISIBLE.fullmatch(written):
        return written
    said = Text(
        "Tuliskan alamat dengan huruf, angka, dan tanda baca yang biasa.",
        "Expected an address of plain letters, digits and signs",
    )
    raise Unfit(said, code="bad_address")


def _seen(text: str) -> str:
    """Without the marks that come along where an address is copied, and the blanks around it."""
    if text.isascii():
        return text.strip()
    return "".join(char for char in text if unicodedata.category(char) != "Cf").strip()


_READERS: Mapping[str, Callable[[str], str]] = {
    "email": _email,
    "whatsapp": _mobile,
    "phone": _number,
    "telegram": _chat,
}
