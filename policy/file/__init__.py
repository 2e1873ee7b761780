"""The file `tocsin.toml`: parsed, checked by itself and as a whole, and turned into the policy."""
