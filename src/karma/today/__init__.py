"""Today: what one person could do for customers, within the hours of the day."""
