"""A queue with one worker, and what it needs; it knows no scene and no model."""
