"""What a picture shows, in words and by likeness: one seam each, and what stands behind it."""
