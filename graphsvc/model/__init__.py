"""What a record is: declared kinds and links, identity keys, handling, vocabulary. No input or output happens here."""
