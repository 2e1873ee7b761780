"""Names that others gave, to processes, mounts and interfaces, made fit to be stored and shown."""

from functools import lru_cache


# The names of mounts and interfaces come again at every reading, and those of most processes.
@lru_cache(maxsize=256)
def visible(name: bytes | str) -> str:
    r"""The name as printable text: what is not UTF-8 becomes U+FFFD, what cannot be seen is escaped.

    So a line break becomes the two characters `\n`, and a NUL, which Postgres cannot store, `\x00`. A
    backslash is escaped as well: every one that is shown begins an escape, and no name can imitate one.
    """
    raw = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
    text = raw.decode("utf-8", "replace")
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character == "\\":
        return r"\x5c"
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
