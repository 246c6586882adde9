"""One user's work: edits, history, jobs and what was computed for them. No torch, no Gradio."""
