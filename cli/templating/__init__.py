"""The parts of `tocsin templates`."""
