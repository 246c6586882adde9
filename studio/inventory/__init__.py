"""Where weights lie: which are there, which are missing, and how to get them."""
