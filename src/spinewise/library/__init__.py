"""The editors' side: articles read and checked, sections found, passages and sentences cut. Knows nothing of vectors."""
