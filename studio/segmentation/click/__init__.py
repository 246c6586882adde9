"""The click segmenter that needs no weights from elsewhere."""
