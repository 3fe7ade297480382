"""Whether a schedule keeps every rule, recomputed from the schedule alone: shares no line with the optimiser."""
