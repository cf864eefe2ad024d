"""The readers' side: follow-ups, search, abstention, composing. Knows nothing of the web."""
