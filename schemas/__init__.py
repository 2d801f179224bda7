"""Floor 1: the shapes. Imports pydantic and the standard library, nothing else."""
