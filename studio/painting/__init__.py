"""Scenes that the studio paints itself: materials, things, light and captions."""
