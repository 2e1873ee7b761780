"""The parts of `tocsin alerts`."""
