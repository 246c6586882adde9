"""What the user edits: scenes, regions, masks and requests, as values without weights or screen."""
