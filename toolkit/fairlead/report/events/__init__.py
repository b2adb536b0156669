"""What happened, in the forms in which others are told."""
