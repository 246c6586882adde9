"""SAM 2.1 behind the seam."""
