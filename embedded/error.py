"""What went wrong with a server or program of ours, in a sentence for the person who started it."""


class EmbeddedError(Exception):
    """A server or program cannot be started or kept; the message names thing, place and remedy."""
