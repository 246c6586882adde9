"""Every format that comes in or goes out, and how it is written."""
