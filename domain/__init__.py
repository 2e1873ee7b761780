"""Decisions: pure, standard library only, the clock passed in, answers with reasons."""
