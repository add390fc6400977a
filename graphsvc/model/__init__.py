"""What a record is: kinds, links, identity keys, handling, vocabulary. No input or output."""
