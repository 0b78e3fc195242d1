"""Texts that have to fit: on one line, and within a channel's limit."""


def one_line(text: str) -> str:
    """`text` with single spaces for all white space and control characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` characters; what is left out, whole words, is shown by `…`."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1] != " ":
        words = head.rsplit(" ", 1)
        head = words[0] if len(words) == 2 else head
    return head.rstrip(" ,.;:(") + "…"
