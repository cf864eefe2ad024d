"""The index: encoder, vectors, words, and the versions on disk. Knows nothing of Markdown, safety or answers."""
