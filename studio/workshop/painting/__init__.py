"""Painted scenes for training and measuring."""
