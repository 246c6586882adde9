"""Clicks and boxes on a picture become masks."""
