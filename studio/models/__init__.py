"""Networks and their weights; knows no scene and no screen."""
