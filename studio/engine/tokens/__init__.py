"""A scene as tokens: their places, and who may attend to whom."""
