"""Training: the mini model from nothing, and adapters on FLUX, with one trainer."""
