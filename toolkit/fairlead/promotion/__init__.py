"""What differs between two environments, whose it is, and the edits that carry it. Pure: bytes in, plans out."""
