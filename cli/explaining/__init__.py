"""The parts of `tocsin explain`: what was decided, and why nobody heard of something."""
