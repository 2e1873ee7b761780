"""What a watched machine may be called."""

# The one row of `hosts` that is no machine: it stands for Tocsin's own services.
SELF = "tocsin"

LONGEST = 253


def is_host_name(name: str) -> bool:
    """Whether a machine may have this name: 1 to 253 printable characters without spaces, and not ours."""
    return 0 < len(name) <= LONGEST and name.isprintable() and " " not in name and name != SELF
