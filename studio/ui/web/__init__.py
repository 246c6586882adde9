"""The page and its files over HTTP: Gradio, routes, guard, login."""
