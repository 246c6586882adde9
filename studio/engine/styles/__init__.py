"""Styles: LoRA files read in every layout, and the rows of tokens that take them."""
