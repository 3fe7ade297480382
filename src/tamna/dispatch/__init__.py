"""What to do with the next hours: one model of the island's fleet, a year at once or window by window."""
