"""E-mail addresses: of one sender, and of the people who get the mails."""

import re
from typing import Annotated

from pydantic import BeforeValidator

from settings.problems import FaultError, shown

MOST_RECIPIENTS = 50
LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def is_address(value: str) -> bool:
    """Whether this is an e-mail address that could exist: ASCII, with a local part and a domain."""
    return len(value) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(value) is not None and ".." not in value


def recipients(value: object) -> tuple[str, ...]:
    """E-mail addresses from text with commas or from a list, each once, in order; an empty tuple stays."""
    if value == ():
        return ()
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, tuple | list) else ()
    found = tuple(dict.fromkeys(str(part).strip(" ") for part in parts if str(part).strip(" ")))
    for address in found:
        if not is_address(address):
            raise FaultError(
                f"{shown(address)} is not an e-mail address",
                "write addresses such as oncall@example.com, separated by commas",
            )
    if not 1 <= len(found) <= MOST_RECIPIENTS:
        raise FaultError(
            f"{len(found)} addresses are not from 1 to {MOST_RECIPIENTS}",
            "use a mailing list for more people than that" if found else "write at least one",
        )
    return found


def _sender(value: object) -> str:
    line = str(value).strip(" ")
    named = re.fullmatch(r"(?P<name>[^<>\"]*)<(?P<address>[^<>]+)>", line)
    address = named["address"] if named else line
    if not is_address(address) or not line.isprintable():
        raise FaultError(
            f"{shown(value)} is not an e-mail address",
            "set it to one such as tocsin@example.com or Tocsin <tocsin@example.com>",
        )
    return line


Recipients = Annotated[tuple[str, ...], BeforeValidator(recipients)]
Sender = Annotated[str, BeforeValidator(_sender)]
