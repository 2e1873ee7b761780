"""Proofs of templates: which there are, what is wrong with them, how they look, and how yours differ."""

from notifications.proofs.catalogue import Template, catalogue, events, uses
from notifications.proofs.checking import Finding, check
from notifications.proofs.differing import Difference, Origin, copied, differences
from notifications.proofs.previewing import CHANNELS, as_sent, preview

__all__ = [
    "CHANNELS",
    "Difference",
    "Finding",
    "Origin",
    "Template",
    "as_sent",
    "catalogue",
    "check",
    "copied",
    "differences",
    "events",
    "preview",
    "uses",
]
