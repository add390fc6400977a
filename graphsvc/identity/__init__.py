"""Telling records apart and together: normalising what is searched for, judging what is the same."""
