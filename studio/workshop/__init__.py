"""How the embedded model came to be; nothing of the product imports it."""
