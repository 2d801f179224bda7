"""Floor 3: behaviour and HTTP."""
