"""Mail that leaves this installation: what it says, how it is given to the SMTP server, and how it is refused."""
