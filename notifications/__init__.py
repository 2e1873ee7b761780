"""Tells people: what to say, how to say it, to whom, and how to be sure that it arrived."""
