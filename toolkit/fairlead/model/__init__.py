"""Frozen values that every room passes to the next, the Protocols they meet, and the errors. No I/O."""
