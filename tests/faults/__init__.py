"""Faults that are real: killed processes, restarted servers, storms."""
