"""The parts of `tocsin silence`."""
