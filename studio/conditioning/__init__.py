"""From a scene to what the model sees: tokens, positions and who may attend to whom."""
