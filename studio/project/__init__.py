"""One user's work as values, and its history."""
