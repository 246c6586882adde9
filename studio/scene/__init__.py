"""Values alone: what the user draws and asks for."""
