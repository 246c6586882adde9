"""All that the page and scripts can ask, without Gradio."""
