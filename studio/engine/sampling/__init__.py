"""From a request to a picture, step by step."""
