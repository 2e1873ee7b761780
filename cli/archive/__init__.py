"""Backups: taken with pg_dump, proven by restoring them, and brought back without a word about old alerts."""

from cli.archive.manifest import Manifest, manifest_of
from cli.archive.programs import Programs, fitting
from cli.archive.restoring import restore
from cli.archive.taking import take
from cli.archive.verifying import differences, verify

__all__ = [
    "Manifest",
    "Programs",
    "differences",
    "fitting",
    "manifest_of",
    "restore",
    "take",
    "verify",
]
