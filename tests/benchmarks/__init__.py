"""Not what the benchmarks measure, but how they judge and what they write."""
