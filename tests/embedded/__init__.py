"""Tests of the servers from wheels, the supervisor and the bootstrap."""
