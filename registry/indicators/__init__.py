"""What the steering committee sees of a convention: counts and delays, never a file (convention art. 14)."""
