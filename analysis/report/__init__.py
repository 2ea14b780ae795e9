"""What people read: the site, the terminal, and another article's claims."""
