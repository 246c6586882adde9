"""Models with weights from elsewhere behind the seams of this room; torch and transformers."""
