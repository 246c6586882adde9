"""The seam between a request and a picture, and the engine on FLUX.1 behind it."""
