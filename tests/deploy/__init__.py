"""The files that Tocsin is deployed with: what they say, and that servers accept them."""
