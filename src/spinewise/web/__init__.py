"""The web: JSON API, article pages and the Gradio chat over one guide. Knows nothing of how answers are found."""
