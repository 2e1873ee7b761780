"""Notices, their wording, and the channels, over real servers on loopback."""
