"""The rules: pure functions over the snapshot. No clock, no I/O, no randomness."""
