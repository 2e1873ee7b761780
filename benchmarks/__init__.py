"""Measures what the project claims about speed and size.

Each suite is a module with two names: `CLAIMS`, what it promises, and `run(report, full=…)`, which measures
and hands each claim its figure: `report.count(…, claim=ONE)` or `report.compare(…, claim=ANOTHER)`. It is
entered in `benchmarks.suites`, and `python -m benchmarks --page docs/benchmarks.md` writes its rows.
"""
