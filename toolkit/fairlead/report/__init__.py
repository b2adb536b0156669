"""Pure: results as text and as data, by subject, then by format."""
