"""What may be filed and asked, and what is answered."""
