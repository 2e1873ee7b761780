"""What a host can say of itself: one reading of the machine, and one of its processes."""
