"""Getting published weights from the hub: asked for, kept when interrupted, and verified."""
