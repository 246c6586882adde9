"""From conditions to a picture: schedule, noise, the denoising loop and the engine around them."""
