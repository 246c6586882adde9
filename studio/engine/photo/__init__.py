"""Editing photos: the model sees crops, what is kept follows the photo, and layers come out."""
