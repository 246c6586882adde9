"""FLUX's layers over text, image and contour tokens; adapters, loading, memory."""
