"""The ways out: one small file each, all held to one contract (docs/channels.md)."""
