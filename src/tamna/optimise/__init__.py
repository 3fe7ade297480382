"""Blocks and the one door to the solver: a block per law, one balance that sums shares."""
