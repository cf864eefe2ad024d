"""Turns pages, feeds and documents into article files of the corpus. Publishes nothing: `check` and `refresh` come after."""
