"""That work on disk."""
