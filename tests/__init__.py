"""The tests, in tiers: domain without anything, the rest on real servers."""
