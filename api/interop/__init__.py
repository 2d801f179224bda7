"""Pure mappings between this house's shapes and files of others: bytes in, values out; no clock, no I/O."""
