"""Floor 2: rows and content. Imports schemas and sqlmodel; has never heard of HTTP."""
