"""Measures echo servers against each other: what `run` and `counts` are made of. Standard library only."""
