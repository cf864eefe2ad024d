"""What a site may learn from its readers without keeping what they typed: counts by day, and their verdicts on answers."""
