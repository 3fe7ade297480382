"""A file a block: each adds its own columns and rows and hands back what it injects and what it costs."""
