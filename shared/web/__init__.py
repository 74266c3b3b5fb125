"""What every service's web does the same way: the door, strict reading, errors, pages' parts."""
